import type { Board, DmaGate } from '../core/board.ts';
import type { Budget } from '../core/budget.ts';
import type { FrameLayout } from '../net/frame/layout.ts';
import type { Sums } from '../net/offload/index.ts';
import type { Area } from './area.ts';
import type { Blocks } from './blocks.ts';
import type { LateCompletions } from './dqo/late-completions.ts';
import type { GvnicEvents } from './events.ts';
import type { Sender } from './sender.ts';
import type { GvnicSettings } from './settings.ts';

/** The card, as its rings use it. */
export interface Card {
  readonly name: string;
  readonly board: Board;
  readonly settings: GvnicSettings;
  readonly gate: DmaGate;
  readonly budget: Budget;
  readonly blocks: Blocks;
  readonly sender: Sender;
  /** Completions of DQO packets come late, or packets miss; null for neither. */
  readonly late: LateCompletions | null;
  /** The doorbell of a transmit queue was written: whether it is looked at later. */
  holds(queue: number): boolean;
  /** The watcher of its driver; null for none. */
  readonly events: GvnicEvents | null;
}

/** What every queue has. */
export interface QueuePlace {
  /** Its number among those of its kind. */
  readonly id: number;
  /** The block that its events notify. */
  readonly block: number;
  /** The word of the array of counters that it counts in, with the array. */
  readonly counters: Area;
  readonly counter: number;
}

/** A transmit queue. */
export interface TransmitQueue {
  readonly place: QueuePlace;
  /** The driver wrote its doorbell: `value` in the byte order of its rings. */
  ring(value: number): void;
  /** Sends what is posted, while there is budget. */
  serve(): void;
}

/** A receive queue. */
export interface ReceiveQueue {
  readonly place: QueuePlace;
  /** Segments of a flow may be joined. */
  readonly joins: boolean;
  ring(value: number): void;
  /** Puts a packet's bytes into buffers. False, with nothing written, if there are too few. */
  put(packet: Arrival): boolean;
  /** Describes the packet that was placed last, and tells the driver. */
  publish(packet: Arrival): void;
}

/** A received packet and what the card found out about it; the record is reused. */
export interface Arrival {
  frame: Uint8Array;
  readonly at: FrameLayout;
  /** Where its bytes are summed: they may lie where WebAssembly sums them, once they are put. */
  copy: Uint8Array;
  copyAt: number;
  /** Found out once it is put. */
  sums: Sums;
  /** The hash of its flow; 0 without one. */
  hash: number;
  /** Of a packet joined of several: payload bytes of each, else 0. */
  segmentSize: number;
}

/** Writes how many descriptors a GQI ring is done with. */
export function publishCount({ counters, counter }: QueuePlace, count: number): void {
  if (!counters.find()) return;
  counters.view.setUint32(counters.at + 4 * counter, count, false);
  counters.wrote(4 * counter, 4);
}
