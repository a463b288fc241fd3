import type { BitSet } from '../../../core/bit-set.ts';
import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Endian } from '../../../core/struct.ts';
import type { NetConfig } from '../config.ts';
import type { QueueCounts } from '../counters.ts';
import type { Moderation } from '../moderation.ts';
import type { ReceiveFilter } from '../receive-filter.ts';
import { NET_COMMANDS, type NetCommand } from '../registers/commands.ts';
import type { RssConfig } from '../registers/rss.ts';
import type { QueueKind } from '../registers/statistics.ts';
import type { CommandState } from './state.ts';

/** What the commands act on. */
export interface CommandedCard {
  readonly endian: Endian;
  readonly accepted: BitSet;
  readonly config: NetConfig;
  readonly asked: CommandState;
  readonly filter: ReceiveFilter;
  readonly moderation: Moderation;
  /** What each queue counted. */
  readonly counts: readonly QueueCounts[];
  /** False if there are not that many pairs. */
  setPairs(pairs: number): boolean;
  /** Receives where the hash of a frame leads. */
  steer(rss: RssConfig): void;
  /** Has the header of a frame report its hash. */
  report(types: number, key: Uint8Array): void;
  /** Takes the hash of what goes through these kinds of tunnel from the packet within. */
  hashWithin(types: number): void;
  /** False if a bit is not of an accepted feature. */
  setOffloads(mask: number, high: number): boolean;
  /** A command was carried out: how frames are taken may be another now. */
  commanded(): void;
  readonly queueCount: number;
  /** What a queue is for, if it is set up. */
  kindOf(queue: number): QueueKind | null;
}

/** Whether the card went along, or what it answers behind its consent. */
type Answer = boolean | Uint8Array;

/** A command that the card knows, and what it does with the data. */
export interface Served extends NetCommand {
  carryOut(card: CommandedCard, data: ByteReader): Answer;
}

export function served(name: keyof typeof NET_COMMANDS, carryOut: Served['carryOut']): Served {
  return { ...NET_COMMANDS[name], carryOut };
}
