import type { Nanos } from '../core/bits.ts';
import type { ResetKind } from '../core/board.ts';
import type { Medium } from '../media/medium.ts';
import type { Command } from './command.ts';
import type { BlockMove } from './commands/block-move.ts';
import type { CommandTable } from './commands/operation.ts';
import { COMMANDS } from './commands/table.ts';
import { type IdentityOptions, standardInquiry, vpdPages } from './identity.ts';
import { ModePages } from './mode-pages.ts';
import { ALL_COMMANDS } from './optional/all-commands.ts';
import { type Refusal, refuse } from './refusal.ts';
import { MAX_TRANSFER } from './registers.ts';
import { SENSE, type Sense, unitAttention } from './sense.ts';
import type { Inventory, PartOfUnit, Unit, UnitPart } from './unit.ts';

/** The most that a disk does in a second of virtual time. */
interface ThrottleLimits {
  /** Commands to its medium. */
  readonly iops?: number | undefined;
  /** Bytes moved. */
  readonly bytesPerSecond?: number | undefined;
}

const SECOND = 1_000_000_000;

/**
 * The speed of a disk: one command after the other takes the time that its limits ask for. A disk without work saves nothing up.
 *
 * @example
 * const throttle = new Throttle({ iops: 1000 });
 * throttle.endOf(0, 4096);       // 1_000_000: a millisecond
 * throttle.endOf(0, 4096);       // 2_000_000
 */
class Throttle {
  private readonly perCommand: number;
  private readonly perByte: number;
  private free: Nanos = 0;

  constructor({ iops, bytesPerSecond }: ThrottleLimits) {
    this.perCommand = iops === undefined ? 0 : SECOND / iops;
    this.perByte = bytesPerSecond === undefined ? 0 : SECOND / bytesPerSecond;
  }

  /** When a command that comes now, and moves so many bytes, is done. */
  endOf(now: Nanos, bytes: number): Nanos {
    const start = Math.max(now, this.free);
    this.free = start + Math.ceil(Math.max(this.perCommand, bytes * this.perByte));
    return this.free;
  }

  /** What was to be done is forgotten. */
  reset(): void {
    this.free = 0;
  }
}

export interface LogicalUnitOptions extends IdentityOptions {
  /** `all`: those that a PersistentDisk is not known to have, too. Default `gce`. */
  readonly commands?: 'gce' | 'all';
  /** How fast it is. Default: without limits. */
  readonly throttle?: ThrottleLimits;
  /** What a plain disk does not have, such as `reservedBy`. Default: nothing. */
  readonly part?: PartOfUnit;
}

const ALONE: Inventory = { luns: [new Uint8Array(8)], wellKnown: [], reported: () => {} };
/** Power on and resets are reported before other unit attentions, which they make obsolete (SAM-5 5.14.3). */
const RESETS = SENSE.POWER_ON.asc;

/**
 * A disk: it executes SCSI commands on a medium, as far as known like GCE's PersistentDisk.
 * There is one initiator, so there is one queue of unit attentions; a new unit has 6/29/00 pending.
 *
 * @example
 * const disk = new LogicalUnit('disk0', new MemoryMedium(10 * 2 ** 30), { deviceName: 'data' });
 * const command = new Command();
 * disk.execute(command);            // TEST UNIT READY, since the CDB is all zeros
 * command.status;                   // 2, CHECK CONDITION: power on, reset, or bus device reset occurred
 * disk.execute(command);
 * command.status;                   // 0
 * disk.attention(0x2a, 0x09);       // the next command gets: capacity data has changed
 * disk.close();                     // closes the medium
 *
 * `execute` never throws for a guest's fault or a failure of the medium: these are reported as sense data.
 * @throws MisuseError if a text of the options is too long or not printable ASCII.
 */
export class LogicalUnit implements Unit {
  readonly name: string;
  readonly medium: Medium;
  readonly operations: CommandTable<Unit>['operations'];
  readonly inquiry: Uint8Array;
  readonly pages: ReadonlyMap<number, Uint8Array>;
  readonly modes: ModePages;
  isStarted = true;
  /** Set by the target that the unit is added to. */
  inventory: Inventory = ALONE;
  private readonly throttle: Throttle | null;
  private readonly part: UnitPart | null;
  private readonly commands: CommandTable<Unit>;
  private readonly attentions: Sense[] = [];
  private readonly refusals: Refusal[] = [];

  constructor(name: string, medium: Medium, options: LogicalUnitOptions = {}) {
    this.name = name;
    this.medium = medium;
    this.inquiry = standardInquiry(options);
    this.throttle = options.throttle === undefined ? null : new Throttle(options.throttle);
    const hasAll = options.commands === 'all';
    this.pages = vpdPages(options, hasAll);
    const commands = hasAll ? ALL_COMMANDS : COMMANDS;
    const modes = new ModePages(hasAll);
    this.part = options.part?.((asc, ascq) => this.attention(asc, ascq), commands, modes) ?? null;
    this.modes = this.part?.modes ?? modes;
    this.commands = this.part?.commands ?? commands;
    this.operations = this.commands.operations;
    this.attention(SENSE.POWER_ON.asc, SENSE.POWER_ON.ascq);
  }

  execute(command: Command): void {
    const { part, commands } = this;
    if (command.isUnfinished) {
      commands.run(command, this);
      return;
    }
    command.begin();
    // Precedes a unit attention, which stays (SAM-5 5.3.3).
    if (part?.bars(command)) return;
    if (!this.isStarted && commands.needsStart(command.cdb)) command.check(SENSE.NEEDS_START);
    else if (this.isPlain || commands.passesAttention(command.cdb)) commands.run(command, this);
    else if (this.attentions.length > 0) command.check(this.attentions.shift()!);
    else refuse(command, this.refusals.pop()!);
  }

  /** Whether it carries this out with nothing else to say, if its medium does not fail. */
  takes({ write, lba, blocks }: BlockMove): boolean {
    const { medium, modes } = this;
    if (
      !this.isPlain ||
      this.part !== null ||
      this.throttle !== null ||
      !this.isStarted ||
      blocks > MAX_TRANSFER
    )
      return false;
    return lba + blocks <= medium.blocks && !(write && (this.readOnly || !modes.writesBack));
  }

  /** When a command that comes now is done, as far as its speed says: its data are known, and it was not begun. */
  endOf({ cdb, dataIn, dataOut }: Command, now: Nanos): Nanos {
    if (this.throttle === null || this.commands.touches(cdb) === 'nothing') return now;
    return this.throttle.endOf(now, dataIn.total + dataOut.total);
  }

  get readOnly(): boolean {
    return this.medium.readOnly || this.modes.isProtected;
  }

  modesChanged(): void {
    this.part?.modesChanged();
  }

  nexusLost(): void {
    this.throttle?.reset();
    this.part?.nexusLost();
  }

  /** Commands that are still to end by `refuses`. */
  get refusing(): number {
    return this.refusals.length;
  }

  /** The next `times` commands that a unit attention would end, end so. */
  refuses(refusal: Refusal, times: number): void {
    for (let i = 0; i < times; i++) this.refusals.push(refusal);
  }

  /** Makes a unit attention pending; one that is already pending is not repeated. */
  attention(asc: number, ascq: number): void {
    if (this.attentions.some((one) => one.asc === asc && one.ascq === ascq)) return;
    const sense = unitAttention(asc, ascq);
    if (asc === RESETS) this.attentions.unshift(sense);
    else this.attentions.push(sense);
  }

  takeAttention(): Sense | null {
    return this.attentions.shift() ?? null;
  }

  /** Cancels a unit attention that is obsolete. */
  withdraw(asc: number, ascq: number): void {
    const at = this.attentions.findIndex((one) => one.asc === asc && one.ascq === ascq);
    if (at >= 0) this.attentions.splice(at, 1);
  }

  /** Whether a reset is still to be reported: then the initiator knows nothing of this unit yet. */
  get fresh(): boolean {
    return this.attentions[0]?.asc === RESETS;
  }

  /**
   * Only 6/29/00 is pending afterwards. `soft` is by task management, and concerns all machines that have the disk; otherwise
   * this machine was reset, and what is the others' as well stays.
   */
  reset(kind: ResetKind): void {
    this.attentions.length = 0;
    if (kind === 'soft' || this.part === null) this.modes.reset();
    if (kind === 'soft') this.part?.reset();
    this.throttle?.reset();
    this.isStarted = true;
    this.attention(SENSE.POWER_ON.asc, SENSE.POWER_ON.ascq);
  }

  private get isPlain(): boolean {
    return this.attentions.length === 0 && this.refusals.length === 0;
  }

  close(): void {
    this.medium.close();
  }
}
