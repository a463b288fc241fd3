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

export interface LogicalUnitOptions extends IdentityOptions {
  /** `all`: those that a PersistentDisk is not known to have, too. Default `gce`. */
  readonly commands?: 'gce' | 'all';
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
  private readonly part: UnitPart | null;
  private readonly commands: CommandTable<Unit>;
  private readonly attentions: Sense[] = [];
  private readonly refusals: Refusal[] = [];

  constructor(name: string, medium: Medium, options: LogicalUnitOptions = {}) {
    this.name = name;
    this.medium = medium;
    this.inquiry = standardInquiry(options);
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
    if (!this.isPlain || this.part !== null || !this.isStarted || blocks > MAX_TRANSFER) return false;
    return lba + blocks <= medium.blocks && !(write && (this.readOnly || !modes.writesBack));
  }

  get readOnly(): boolean {
    return this.medium.readOnly || this.modes.isProtected;
  }

  modesChanged(): void {
    this.part?.modesChanged();
  }

  nexusLost(): void {
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
   * The same for every kind of reset, since the one initiator sees no difference: only 6/29/00 is pending
   * afterwards.
   */
  reset(_kind: ResetKind): void {
    this.attentions.length = 0;
    this.modes.reset();
    this.part?.reset();
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
