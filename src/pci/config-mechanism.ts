import type { Described, Region } from '../core/access.ts';
import { allOnes, bdfText, hex, type Width } from '../core/bits.ts';
import { valueText } from '../core/register-block.ts';
import type { ConfigEvents } from './events.ts';
import type { PciBus } from './pci-bus.ts';
import { CONFADD, HEADER_TYPE, VENDOR_ID } from './registers.ts';

const { ENABLE, BUS, DEVICE, FUNCTION, REGISTER } = CONFADD.mask;
const READ_BACK = (ENABLE | BUS | DEVICE | FUNCTION | REGISTER) >>> 0;
const { MULTI_FUNCTION } = HEADER_TYPE.mask;

/**
 * Configuration mechanism #1 (PCI 3.0, 3.2.2.3.2).
 *
 * Only a doubleword at CF8 accesses CONFADD; narrower accesses there are ordinary I/O, which is how the reset register
 * at CF9 works. The low two bits of CONFADD read 0 but are OR-ed into the byte address, as in QEMU, and as its libqos
 * driver relies on.
 */
export class ConfigMechanism1 {
  readonly address: Region;
  readonly data: Region;
  /** The watcher of the guest; null for none. */
  events: ConfigEvents | null = null;
  private readonly bus: PciBus;
  private confadd = 0;

  /** @param readBack bits of CONFADD that read as written: those of the standard, or all of them as in QEMU. */
  constructor(bus: PciBus, readBack: number = READ_BACK) {
    this.bus = bus;
    this.address = {
      name: 'CONFADD',
      size: 4,
      read: (_offset, width) => (width === 4 ? (this.confadd & readBack) >>> 0 : allOnes(width)),
      write: (offset, value, width) => this.setAddress(offset, value, width),
      describe: describeAddress,
    };
    this.data = {
      name: 'CONFDATA',
      size: 4,
      context: () => this.confadd,
      read: (offset, width) => this.read(offset, width),
      write: (offset, value, width) => this.write(offset, value, width),
      describe: (access) => this.describe(access),
    };
  }

  reset(): void {
    this.confadd = 0;
  }

  private setAddress(offset: number, value: number, width: Width): void {
    if (width !== 4) {
      this.events?.partWritten((value << (8 * offset)) >>> 0);
      return;
    }
    this.confadd = value;
    if ((value & ENABLE) !== 0) this.events?.addressed(value);
  }

  private read(offset: number, width: Width): number {
    const fn = this.selected(offset);
    if (fn === null) return allOnes(width);
    return fn.readConfig(this.registerAt(this.confadd, offset), width);
  }

  private write(offset: number, value: number, width: Width): void {
    this.selected(offset)?.writeConfig(this.registerAt(this.confadd, offset), value, width);
  }

  private selected(offset: number) {
    const { confadd } = this;
    this.events?.used((confadd & ENABLE) !== 0, offset);
    if ((confadd & ENABLE) === 0) return null;
    if (this.events !== null) this.tell(this.events);
    return this.bus.at((confadd >>> 8) & 0xffff);
  }

  private registerAt(confadd: number, offset: number): number {
    return (confadd & REGISTER) | (confadd & 3) | (offset & 3);
  }

  private tell(events: ConfigEvents): void {
    const bdf = (this.confadd >>> 8) & 0xffff;
    if ((bdf & 7) === 0 || (this.confadd & REGISTER) !== VENDOR_ID.offset) return;
    const first = this.bus.at(bdf & ~7);
    if (first !== null) events.lookedAt(bdf, (first.config.get(HEADER_TYPE) & MULTI_FUNCTION) !== 0);
  }

  private describe(access: Described): string {
    const { context } = access;
    if ((context & ENABLE) === 0) return 'CONFDATA, not enabled';
    const bdf = (context >>> 8) & 0xffff;
    const offset = this.registerAt(context, access.offset);
    const fn = this.bus.at(bdf);
    if (fn === null) return `${bdfText(bdf)} absent, config ${hex(offset, 2)}`;
    return `${bdfText(bdf)} ${fn.config.describe({ ...access, offset })}`;
  }
}

function describeAddress(access: Described): string {
  const { width, value } = access;
  if (width !== 4 || value === null) return 'CONFADD';
  const written = `CONFADD${valueText(access)}`;
  if ((value & ENABLE) === 0) return written;
  return `${written}  ${bdfText((value >>> 8) & 0xffff)} register ${hex(value & 0xff, 2)}`;
}
