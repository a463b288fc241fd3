import type { Gpa } from '../../../core/bits.ts';
import type { Delay, GuestMemory, Held } from '../../../core/memory.ts';
import { MisuseError } from '../../../core/misuse.ts';
import { TRANSFER_MAX } from './exchange.ts';
import { COMMANDS, dma_write, FLAGS, header } from './registers.ts';

/** A message for less is not begun where the batch has room for no more. */
const LEAST = 64;
/** A socket takes three of them before its peer reads. */
const BATCHES_MAX = 2;

/** Pieces that wait for a client's answer. A kick of a device is of an eighth of them at most, so this one answers no more. */
const PIECES_MOST = 1 << 20;

/** The bytes before the data. */
const FRONT = header.size + dma_write.size;
const { message_id, command, message_size, flags, error } = header.offset;
const { address, count } = dma_write.offset;
const FOUR_GIB = 0x1_0000_0000;

/**
 * Where a client expects the data: behind a `count` of 64 bits, as in the specification and QEMU 11.1, or `early`, behind
 * one of 32, as in the first QEMU with the command, which takes the upper half of a `count` for data.
 */
type Layout = 'documented' | 'early';
const EARLY = 4;

/** DMA_WRITE messages, one behind the other in a reused buffer. */
class DmaMessages {
  length = 0;
  /** Of the last message. */
  lastId = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private last = 0;

  constructor(bytes: number) {
    this.bytes = new Uint8Array(new ArrayBuffer(bytes));
    this.view = new DataView(this.bytes.buffer);
  }

  get buffer(): Uint8Array {
    return this.bytes;
  }

  /** Bytes for which one further message has room. */
  get room(): number {
    return this.bytes.length - this.length - FRONT;
  }

  begin(): void {
    this.length = 0;
  }

  add(to: Gpa, data: Uint8Array, layout: Layout): void {
    const { view, length: at } = this;
    this.last = at;
    this.lastId = (this.lastId + 1) & 0xffff;
    const size = FRONT + data.length;
    view.setUint16(at + message_id, this.lastId, true);
    view.setUint16(at + command, COMMANDS.DMA_WRITE, true);
    view.setUint32(at + message_size, size, true);
    view.setUint32(at + flags, FLAGS.noReply, true);
    view.setUint32(at + error, 0, true);
    const front = at + header.size;
    view.setUint32(front + address, to % FOUR_GIB, true);
    view.setUint32(front + address + 4, Math.floor(to / FOUR_GIB), true);
    view.setUint32(front + count, data.length, true);
    view.setUint32(front + count + 4, 0, true);
    this.bytes.set(data, at + FRONT - (layout === 'early' ? EARLY : 0));
    this.length += size;
  }

  /** The last is to be answered, which answers all before it. */
  end(): void {
    this.view.setUint32(this.last + flags, 0, true);
  }

  /** The data of the single message. */
  get data(): Uint8Array {
    return this.bytes.subarray(FRONT, this.length);
  }

  /** Whether a client with the other layout would have stored something other than the data. */
  get tellsLayouts(): boolean {
    const { data } = this;
    return data.some((byte, i) => byte !== (i < EARLY ? 0 : data[i - EARLY]));
  }
}

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
    // The client is at an end: nothing more is stored for it.
    if (starts.length >= PIECES_MOST) return;
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

  /** @throws MisuseError for a client that does not answer. */
  check(): void {
    if (this.starts.length >= PIECES_MOST)
      throw new MisuseError('vfio-user client', PIECES_MOST, '', `it left ${PIECES_MOST} writes unanswered`);
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
