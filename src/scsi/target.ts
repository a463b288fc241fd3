import { MisuseError } from '../core/misuse.ts';
import type { Command } from './command.ts';
import { ABSENT_COMMANDS } from './commands/table.ts';
import type { LogicalUnit } from './logical-unit.ts';
import { SENSE } from './sense.ts';
import type { Inventory } from './unit.ts';

/** The number of LUNs that flat addressing can name. */
const MAX_LUN = 0x3fff;
/** LUNs below this have the peripheral form, 00 nn: Linux takes the two bytes as the number. */
const FLAT_FROM = 256;
const FLAT = 0x40;
const { LUNS_CHANGED } = SENSE;

/**
 * A SCSI target: logical units by LUN, and the answers for LUNs that it does not have.
 *
 * @example
 * const target = new Target(1);
 * target.add(0, new LogicalUnit('disk0', medium));
 * target.execute(0, command);       // the disk's answer
 * target.execute(5, command);       // CHECK CONDITION 5/25/00; INQUIRY returns 7F, REPORT LUNS lists LUN 0
 * target.remove(0);
 */
export class Target implements Inventory {
  readonly id: number;
  readonly units = new Map<number, LogicalUnit>();
  /** Made when it is asked for: a target may have thousands. */
  private listed: readonly Uint8Array[] | null = null;
  readonly wellKnown = [];

  constructor(id: number) {
    this.id = id;
  }

  execute(lun: number, command: Command): void {
    const unit = this.units.get(lun);
    if (unit !== undefined) unit.execute(command);
    else {
      command.begin();
      ABSENT_COMMANDS.run(command, this);
    }
  }

  /**
   * Adds a unit; the initiator is notified by 6/3F/0E on another.
   * @throws MisuseError if the LUN is taken or above 16383.
   */
  add(lun: number, unit: LogicalUnit): void {
    if (!Number.isInteger(lun) || lun < 0 || lun > MAX_LUN)
      throw new MisuseError('target.lun', lun, `a LUN from 0 to ${MAX_LUN}`);
    if (this.units.has(lun)) throw new MisuseError('target.lun', lun, 'a LUN that is free');
    this.tellOfChange();
    this.units.set(lun, unit);
    unit.inventory = this;
    this.listed = null;
  }

  /** Removes a unit, without closing it. @throws MisuseError if there is none at this LUN. */
  remove(lun: number): void {
    if (!this.units.delete(lun)) throw new MisuseError('target.lun', lun, 'a LUN of this target');
    this.listed = null;
    this.tellOfChange();
  }

  /** After REPORT LUNS the initiator knows the list: no unit need report a change. */
  reported(): void {
    for (const unit of this.units.values()) unit.withdraw(LUNS_CHANGED.asc, LUNS_CHANGED.ascq);
  }

  /** Ascending. */
  get luns(): readonly Uint8Array[] {
    this.listed ??= [...this.units.keys()].sort((a, b) => a - b).map(lunBytes);
    return this.listed;
  }

  /** Reported by one unit, as in SPC-4, and only by one that the initiator already knows. */
  private tellOfChange(): void {
    let lowest = MAX_LUN + 1;
    for (const [lun, unit] of this.units) if (lun < lowest && !unit.fresh) lowest = lun;
    this.units.get(lowest)?.attention(LUNS_CHANGED.asc, LUNS_CHANGED.ascq);
  }
}

function lunBytes(lun: number): Uint8Array {
  return Uint8Array.of(lun < FLAT_FROM ? 0 : FLAT | (lun >> 8), lun & 0xff, 0, 0, 0, 0, 0, 0);
}
