import type { Medium } from '../media/medium.ts';
import type { Command } from './command.ts';
import type { CommandTable, Operation } from './commands/operation.ts';
import type { ModePages } from './mode-pages.ts';
import type { Sense } from './sense.ts';

/** The LUNs that a logical unit can report, each in eight bytes. */
export interface Inventory {
  /** Ascending. */
  readonly luns: readonly Uint8Array[];
  readonly wellKnown: readonly Uint8Array[];
  /** The initiator has read the list. */
  reported(): void;
}

/** A unit without a medium, which reports the others. */
export type WellKnownUnit = Pick<Unit, 'inquiry' | 'pages' | 'inventory'>;

/** What a command sees of the logical unit that executes it. */
export interface Unit {
  readonly medium: Medium;
  readonly inventory: Inventory;
  readonly operations: readonly Operation<Unit>[];
  /** Standard INQUIRY data. */
  readonly inquiry: Uint8Array;
  /** VPD pages by page code, complete with their headers. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
  readonly modes: ModePages;
  /** By its medium, or by the initiator's wish. */
  readonly readOnly: boolean;
  /** Started, and not stopped since, by START STOP UNIT. */
  isStarted: boolean;
  /** A command changed what is other initiators' as well. */
  tellOthers(why: Sense): void;
  /** Takes the first pending unit attention; null if none is pending. */
  takeAttention(): Sense | null;
}

/** An optional part of a disk: its commands take the place of the usual ones. */
export interface UnitPart {
  readonly commands: CommandTable<Unit>;
  /** Whether it keeps the disk from executing this command, which it has answered then. */
  bars(command: Command): boolean;
  /** Mode pages, if other machines can change them. */
  readonly modes: ModePages;
  tellOthers(why: Sense): void;
  /** This initiator resets the unit, or clears its task set: commands of others end, and those hear why. */
  reset(): void;
  tasksCleared(): void;
  /** The path of this initiator is lost: its driver reset the adapter. */
  nexusLost(): void;
}

/** An initiator's path to a disk, an I_T nexus. */
export interface Nexus {
  /** Makes a unit attention pending. */
  attention(asc: number, ascq: number): void;
  /** Ends its commands that wait, without carrying them out; returns how many. */
  endTasks(isReset: boolean): number;
}

/** Makes a part for the disk that has `commands` and `modes`, for one path. */
export type PartOfUnit = (nexus: Nexus, commands: CommandTable<Unit>, modes: ModePages) => UnitPart;
