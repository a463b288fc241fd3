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
import type { Inventory, Nexus, PartOfUnit, Unit, UnitPart } from './unit.ts';

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
  /** Commands that it has at a time: to more it answers TASK SET FULL. Default: no limit. */
  readonly queueDepth?: number | undefined;
  /** How fast it is. Default: without limits. */
  readonly throttle?: ThrottleLimits | undefined;
  /** What a plain disk does not have, such as `reservedBy`. Default: nothing. */
  readonly part?: PartOfUnit;
}

/** Task attributes (SAM-5). */
const [ORDERED, HEAD_OF_QUEUE] = [1, 2];
const ALONE: Inventory = { luns: [new Uint8Array(8)], wellKnown: [], reported: () => {} };
const { POWER_ON, NEXUS_LOST } = SENSE;
/** Resets are reported before other unit attentions, from power on to the loss of a nexus (SAM-5, unit attention conditions). */
const RESETS = POWER_ON.asc;
/** ASCQs: power on, in general and alone; internal, hard, and of the unit; nexus. */
const PRECEDENCE = [POWER_ON.ascq, 0x01, 0x04, 0x02, 0x03, NEXUS_LOST.ascq];

/**
 * A disk: it executes SCSI commands on a medium, as far as known like GCE's PersistentDisk.
 * It is one initiator's: a disk of several has a unit for each, with a queue of unit attentions of its own; a new one has 6/29/00
 * pending.
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
export class LogicalUnit implements Unit, Nexus {
  readonly name: string;
  readonly medium: Medium;
  readonly operations: CommandTable<Unit>['operations'];
  readonly inquiry: Uint8Array;
  readonly pages: ReadonlyMap<number, Uint8Array>;
  readonly modes: ModePages;
  isStarted = true;
  /** Set by the target that the unit is added to. */
  inventory: Inventory = ALONE;
  /** Set by the transport that has its commands. */
  endTasks: Nexus['endTasks'] = () => 0;
  readonly depth: number;
  private readonly throttle: Throttle | null;
  /** When the last of its commands is carried out, and the last ORDERED one. */
  private lastDue: Nanos = 0;
  private orderedDue: Nanos = 0;
  private readonly part: UnitPart | null;
  private readonly commands: CommandTable<Unit>;
  private readonly attentions: Sense[] = [];
  private readonly refusals: Refusal[] = [];

  constructor(name: string, medium: Medium, options: LogicalUnitOptions = {}) {
    this.name = name;
    this.medium = medium;
    this.inquiry = standardInquiry(options);
    this.depth = options.queueDepth ?? Number.POSITIVE_INFINITY;
    this.throttle = options.throttle === undefined ? null : new Throttle(options.throttle);
    const hasAll = options.commands === 'all';
    this.pages = vpdPages(options, hasAll);
    const commands = hasAll ? ALL_COMMANDS : COMMANDS;
    const modes = new ModePages(hasAll);
    this.part = options.part?.(this, commands, modes) ?? null;
    this.modes = this.part?.modes ?? modes;
    this.commands = this.part?.commands ?? commands;
    this.operations = this.commands.operations;
    this.attention(POWER_ON.asc, POWER_ON.ascq);
  }

  execute(command: Command): void {
    this.carryOut(command);
    if (command.senseLength > 0 && this.modes.describes) command.describe();
  }

  private carryOut(command: Command): void {
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
    if (!this.isPlain || this.part !== null || !this.isFree || !this.isStarted || blocks > MAX_TRANSFER)
      return false;
    return lba + blocks <= medium.blocks && !(write && (this.readOnly || !modes.writesBack));
  }

  /**
   * When a command that comes now, and may be carried out at `due`, is. Its speed and its task attribute say so (SAM-5, task set
   * management): HEAD OF QUEUE at once, ORDERED behind all that came before, and what comes behind that one behind it.
   */
  dueFor({ cdb, dataIn, dataOut }: Command, attribute: number, now: Nanos, due: Nanos): Nanos {
    if (attribute === HEAD_OF_QUEUE) return now;
    if (this.throttle !== null && this.commands.touches(cdb) !== 'nothing')
      due += this.throttle.endOf(now, dataIn.total + dataOut.total) - now;
    const then = Math.max(due, attribute === ORDERED ? this.lastDue : this.orderedDue);
    this.lastDue = Math.max(this.lastDue, then);
    if (attribute === ORDERED) this.orderedDue = then;
    return then;
  }

  get readOnly(): boolean {
    return this.medium.readOnly || this.modes.isProtected;
  }

  tellOthers(why: Sense): void {
    this.part?.tellOthers(why);
  }

  nexusLost(): void {
    this.forgetTasks();
    this.part?.nexusLost();
  }

  /** By task management: of a unit with all commands 6/29/07 is pending then, of others the general form. */
  resetNexus(): void {
    this.nexusLost();
    const { asc, ascq } = this.modes.hasAll ? NEXUS_LOST : POWER_ON;
    this.attention(asc, ascq);
  }

  /** A command has the tag of another: a unit with all commands ends all of this initiator (SAM-5, overlapped commands). */
  overlapped(command: Command): void {
    if (!this.modes.hasAll) return;
    this.endTasks(false);
    if (this.modes.describes) command.describe();
  }

  /** By task management: commands of other initiators end, too. */
  tasksCleared(): void {
    this.part?.tasksCleared();
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
    const before = this.attentions.findIndex((one) => rankOf(one) > rankOf(sense));
    this.attentions.splice(before < 0 ? this.attentions.length : before, 0, sense);
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
    this.forgetTasks();
    this.isStarted = true;
    this.attention(POWER_ON.asc, POWER_ON.ascq);
  }

  private forgetTasks(): void {
    this.throttle?.reset();
    this.lastDue = this.orderedDue = 0;
  }

  /** Whether it takes any command, at any time. */
  private get isFree(): boolean {
    return this.throttle === null && this.depth === Number.POSITIVE_INFINITY;
  }

  private get isPlain(): boolean {
    return this.attentions.length === 0 && this.refusals.length === 0;
  }

  close(): void {
    this.medium.close();
  }
}

/** The lowest is reported first; those of one rank as they came. */
function rankOf({ asc, ascq }: Sense): number {
  const at = asc === RESETS ? PRECEDENCE.indexOf(ascq) : -1;
  return at < 0 ? PRECEDENCE.length : at;
}
