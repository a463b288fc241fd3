import type { Gpa } from '../../../core/bits.ts';
import type { Delay, GuestMemory, Held } from '../../../core/memory.ts';
import { DmaMessages, type Layout } from './dma-message.ts';
import { TRANSFER_MAX } from './exchange.ts';

/** A message for less is not begun where the batch has room for no more. */
const LEAST = 64;
/** A socket takes three of them before its peer reads. */
const BATCHES_MAX = 2;

/** One function's connection to its client. */
export interface Carrier {
  /** The guest lets the function write to memory: messages take effect. */
  readonly writes: boolean;
  /** The most bytes that one message may write. */
  readonly transferMax: number;
  send(messages: Uint8Array, length: number): void;
}

/** A position in the written data: which piece, and from where. */
interface Place {
  readonly piece: number;
  readonly from: Gpa;
}

/** Messages that were sent together. The last of them is answered, which answers all before it. */
interface Batch {
  readonly carrier: Carrier;
  readonly id: number;
  readonly begin: Place;
}

/**
 * What devices stored into buffers, stored again by the client: by DMA_WRITE.
 *
 * QEMU's TCG runs translations of the guest's code, and throws those away under which something is stored. It sees what its
 * CPUs store and what it stores itself, and not what this process stores into the same memory: a page that the guest executed, and
 * then had a disk fill with another program, would be executed as it was.
 *
 * Each byte is to be stored again: QEMU drops the translations that a store overlaps, and no others of the page. The data
 * is there already, and the guest does not use a buffer before it is published; so nothing is published before the client
 * has answered. Rings are not stored again. Code that a guest executes was stored by the guest, or into a buffer, since
 * that memory was a ring, and either drops earlier translations.
 *
 * @example
 * memory.dirty = writes.wrote;
 * memory.delay = writes;
 * // a device fills buffers, and flushes its ring: `holds`, and the messages go out
 * writes.answered(carrier, id);       // the ring is told to resume
 */
export class DmaWrites implements Delay {
  private readonly memory: GuestMemory;
  private readonly carriers = new Set<Carrier>();
  /** Pieces of RAM that were written to and are not answered, oldest first. */
  private readonly starts: Gpa[] = [];
  private readonly ends: Gpa[] = [];
  /** Sent up to here. */
  private piece = 0;
  private from: Gpa = 0;
  private batches: Batch[] = [];
  private held = new Set<Held>();
  private readonly messages = new DmaMessages(TRANSFER_MAX);
  /** Null until a client's answer shows it: messages then go out one by one. */
  private layout: Layout | null = null;

  constructor(memory: GuestMemory) {
    this.memory = memory;
  }

  readonly wrote = (from: Gpa, to: Gpa, isData: boolean): void => {
    const { starts, ends } = this;
    if (!isData || from >= to) return;
    const last = ends.length - 1;
    if (last >= this.piece && ends[last] === from) {
      ends[last] = to;
      return;
    }
    if (this.piece === starts.length) this.from = from;
    starts.push(from);
    ends.push(to);
  };

  holds(held: Held): boolean {
    this.send();
    if (this.batches.length === 0) return false;
    this.held.add(held);
    return true;
  }

  join(carrier: Carrier): void {
    this.carriers.add(carrier);
  }

  /** Its client is gone, and answers no more: another one stores the rest. */
  leave(carrier: Carrier): void {
    if (!this.carriers.delete(carrier)) return;
    if (this.batches.some((batch) => batch.carrier === carrier)) {
      this.goTo(this.batches[0]!.begin);
      this.batches = [];
    }
    this.goOn();
  }

  /**
   * A client answered the message `id`; an unexpected answer reports a store that failed, where there is no RAM any more.
   */
  answered(carrier: Carrier, id: number): void {
    const at = this.batches.findIndex((batch) => batch.carrier === carrier && batch.id === id);
    if (at < 0) return;
    const { begin } = this.batches[at]!;
    this.batches.splice(0, at + 1);
    if (this.layout === null) this.learn(begin);
    this.goOn();
  }

  private goOn(): void {
    this.send();
    if (this.batches.length > 0) return;
    const { held } = this;
    this.held = new Set();
    for (const each of held) each.resume();
  }

  private goTo({ piece, from }: Place): void {
    this.piece = piece;
    this.from = from;
  }

  /**
   * Checks where the client stored the first messages, whose data is still in the buffer, and stores correctly what it
   * did not.
   */
  private learn(begin: Place): void {
    const { data, tellsLayouts } = this.messages;
    const there = this.memory.slice(begin.from, data.length);
    if (!tellsLayouts || there === null) return;
    this.layout = there.every((byte, i) => byte === data[i]) ? 'documented' : 'early';
    if (this.layout === 'documented') return;
    there.set(data);
    this.goTo(begin);
  }

  private send(): void {
    const most = this.layout === null ? 1 : BATCHES_MAX;
    while (this.piece < this.starts.length && this.batches.length < most) this.sendBatch();
    if (this.batches.length > 0) return;
    this.starts.length = this.ends.length = 0;
    this.piece = 0;
  }

  /** Without a client that accepts it, no guest executes code, either. */
  private sendBatch(): void {
    const carrier = [...this.carriers].find(({ writes }) => writes);
    const { messages } = this;
    const begin = { piece: this.piece, from: this.from };
    messages.begin();
    while (carrier !== undefined && this.piece < this.starts.length) {
      const room = Math.min(messages.room, carrier.transferMax);
      if (room < LEAST || (this.layout === null && messages.length > 0)) break;
      this.add(room);
    }
    if (messages.length === 0) this.goTo({ piece: this.starts.length, from: 0 });
    if (carrier === undefined || messages.length === 0) return;
    messages.end();
    this.batches.push({ carrier, id: messages.lastId, begin });
    carrier.send(messages.buffer, messages.length);
  }

  /** Adds a message for the next piece, unless that is no longer RAM. */
  private add(room: number): void {
    const { from } = this;
    const end = this.ends[this.piece]!;
    const to = Math.min(end, from + room);
    const there = this.memory.slice(from, to - from);
    if (there !== null) this.messages.add(from, there, this.layout ?? 'documented');
    this.from = to === end ? (this.starts[++this.piece] ?? 0) : to;
  }
}
