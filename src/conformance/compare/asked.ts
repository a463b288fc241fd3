import { FADT } from '../../acpi/fadt.ts';
import { type GvnicDriver, gvnicDriver, virtioScsiDriver } from '../../guest/index.ts';
import { GVNIC_ID } from '../../gvnic/registers/bar0.ts';
import type { Machine } from '../../machine/machine.ts';

/** What a line says, in words that are the same for both machines. */
export interface Saying {
  readonly there: string;
  readonly here: string;
}

/** A kind of line that programs print about hardware, and how our machine is asked the same. Null: it says nothing. */
export interface Line {
  readonly pattern: RegExp;
  readonly says: (match: RegExpExecArray, asked: Asked) => Saying | null;
}

/** Device and vendor of a gVNIC. */
const GVNIC = GVNIC_ID.device * 0x1_0000 + GVNIC_ID.vendor;
/** Bytes of an ACPI table's header. */
export const TABLE_HEADER = 36;

/** Facts of our machine, each asked for once. */
export class Asked {
  readonly machine: Machine;
  /** The function that a listing speaks of. */
  current: number | null = null;
  private scsi: ReturnType<typeof this.attached> | null = null;
  private gvnic: GvnicDriver | null = null;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  view(bdf: number | null) {
    return this.machine.functions.find((one) => one.bdf === bdf);
  }

  config(bdf: number | null, offset: number, width: 1 | 2 | 4): number {
    return this.view(bdf)?.readConfig(offset, width) ?? 0xffff_ffff;
  }

  get disk() {
    this.scsi ??= this.attached();
    return this.scsi;
  }

  /** The format of rings that our driver takes, which prefers those that Linux does; null without a gVNIC. */
  get gvnicFormat(): string | null {
    const has = this.machine.functions.some(({ bdf }) => this.config(bdf, 0, 4) === GVNIC);
    this.gvnic ??= has ? this.machine.attach(gvnicDriver) : null;
    return this.gvnic?.format ?? null;
  }

  /** What INQUIRY says of a disk: vendor, product and revision. */
  get diskName(): string {
    const { vendor, product, revision } = this.disk.inquiry(1)!;
    return `${vendor} ${product} ${revision.trim()}`;
  }

  /** The PM timer's port, as the FADT has it. */
  get pmTimer(): string {
    return `PM timer ${this.fadt('PM_TMR_BLK')?.toString(16)}`;
  }

  get smbios(): string {
    const entry = this.table('_SM_');
    return entry === null ? 'no SMBIOS' : `SMBIOS ${entry[6]}.${entry[7]}`;
  }

  private attached() {
    const host = this.machine.attach(virtioScsiDriver);
    host.testUnitReady(1);
    return host;
  }

  table(name: string): Buffer | null {
    const found = this.machine.chassis.tables.find((one) => one.name === name);
    return found === undefined ? null : Buffer.from(found.bytes);
  }

  /** A field of four bytes of the FADT. */
  fadt(field: 'PM_TMR_BLK' | 'Flags'): number | undefined {
    return this.table('FACP')?.readUInt32LE(TABLE_HEADER + FADT.offset[field]);
  }

  /** The first SMBIOS structure of that type: its formatted area and strings; empty for none. */
  structure(type: number): Buffer {
    const dmi = this.table('DMI') ?? Buffer.alloc(0);
    for (let at = 0; at + 4 <= dmi.length; ) {
      const end = dmi.indexOf('\0\0', at + dmi[at + 1]!, 'latin1');
      if (end < 0) break;
      if (dmi[at] === type) return dmi.subarray(at, end);
      at = end + 2;
    }
    return Buffer.alloc(0);
  }

  strings(type: number): string[] {
    const structure = this.structure(type);
    return structure.toString('latin1', structure[1] ?? 0).split('\0');
  }
}
