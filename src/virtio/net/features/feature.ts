import type { BitSet } from '../../../core/bit-set.ts';
import type { Nanos } from '../../../core/bits.ts';
import type { Budget } from '../../../core/budget.ts';
import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Endian } from '../../../core/struct.ts';
import type { CoalescedSink } from '../../../net/offload/index.ts';
import type { Offers } from '../../features/offers.ts';
import type { NetConfig } from '../config.ts';
import type { NetEvents } from '../events.ts';
import { NET_COMMANDS, type NetCommand } from '../registers/commands.ts';
import type { QueueKind } from '../registers/statistics.ts';

/** The card, as its features use it. */
export interface NetCard {
  readonly name: string;
  readonly clock: Clock;
  readonly endian: Endian;
  readonly offers: Offers;
  readonly accepted: BitSet;
  readonly config: NetConfig;
  readonly budget: Budget;
  readonly events: NetEvents | null;
  /** Virtual nanoseconds for which joinable segments wait for more. */
  readonly joinWithin: Nanos;
  /** Places frames, and cuts those that wait again where the driver takes less than before. */
  readonly receiver: CoalescedSink & { undo(): void };
  /** Index of the control queue. */
  readonly controlIndex: number;
  /** How many queues num_queues counts, and all queues. */
  readonly numQueues: number;
  readonly queues: readonly { readonly suppressed: boolean }[];
  /** The kind of a queue, if it is set up. */
  kindOf(queue: number): QueueKind | null;
  /** Whether the receive queue of a pair is available. */
  receives(pair: number): boolean;
  /** Frames wait for an unavailable queue, since the driver cannot reset queues one by one. */
  readonly canWait: boolean;
  /** False if there are not so many pairs. */
  hasPairs(pairs: number): boolean;
  /** The first queue of so many pairs that is not set up; -1 if all are. */
  missing(pairs: number): number;
  /** The driver announced to send on the first `pairs`. */
  sendOn(pairs: number): void;
  /** Frames that wait may belong to other queues now. */
  settle(): void;
  /** Frames wait for buffers: places them, at a new point of time. */
  placeAnew(): void;
  /** Sends an interrupt of a queue, whatever moderates it. */
  sendInterrupt(queue: number): void;
}

/** Whether the card accepted the command, or its result after the ack. */
type Answer = boolean | Uint8Array;

/** A command that the card supports, and its effect. */
export interface Served extends NetCommand {
  carryOut(data: ByteReader): Answer;
}

export function served(name: keyof typeof NET_COMMANDS, carryOut: Served['carryOut']): Served {
  return { ...NET_COMMANDS[name], carryOut };
}

/**
 * An optional part of a network card: what some features do, with their commands. A card has those that it offers, and
 * asks for each frame and interrupt only those that its driver accepted.
 */
export interface NetFeature {
  readonly commands: readonly Served[];
  /** The accepted features changed. */
  negotiated?(accepted: BitSet): void;
  /** One queue was reset. */
  queueForgotten?(queue: number): void;
  /** The card was reset. */
  reset?(): void;
  close?(): void;
}
