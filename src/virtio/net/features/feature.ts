import type { BitSet } from '../../../core/bit-set.ts';
import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Endian } from '../../../core/struct.ts';
import type { CommandState } from '../commands/state.ts';
import type { NetConfig } from '../config.ts';
import { NET_COMMANDS, type NetCommand } from '../registers/commands.ts';
import type { RssConfig } from '../registers/rss.ts';
import type { QueueKind } from '../registers/statistics.ts';
import type { Moderation } from './coalescing.ts';
import type { ReceiveFilter } from './filters.ts';
import type { QueueCounts } from './statistics.ts';

/** The parts of a card that commands act on. */
export interface CommandedCard {
  readonly endian: Endian;
  readonly accepted: BitSet;
  readonly config: NetConfig;
  readonly asked: CommandState;
  readonly filter: ReceiveFilter;
  readonly moderation: Moderation;
  /** The counters of each queue. */
  readonly counts: readonly QueueCounts[];
  /** False if there are not so many pairs. */
  setPairs(pairs: number): boolean;
  /** Steers received frames by their hash. */
  steer(rss: RssConfig): void;
  /** Makes the header of a frame report its hash. */
  report(types: number, key: Uint8Array): void;
  /** Hashes the inner packet for these kinds of tunnel. */
  hashWithin(types: number): void;
  /** False if a bit belongs to a feature that was not accepted. */
  setOffloads(mask: number, high: number): boolean;
  /** A command was executed: frames may be processed differently now. */
  commanded(): void;
  readonly queueCount: number;
  /** The kind of a queue, if it is set up. */
  kindOf(queue: number): QueueKind | null;
}

/** Whether the card accepted the command, or its result after the ack. */
type Answer = boolean | Uint8Array;

/** A command that the card supports, and its effect. */
export interface Served extends NetCommand {
  carryOut(card: CommandedCard, data: ByteReader): Answer;
}

export function served(name: keyof typeof NET_COMMANDS, carryOut: Served['carryOut']): Served {
  return { ...NET_COMMANDS[name], carryOut };
}
