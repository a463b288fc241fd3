import type { Gpa } from '../../../core/bits.ts';
import { PAGE } from '../../../gvnic/registers/admin.ts';
import type { LentMemory } from './memory.ts';
import type { RegisteredPages } from './page-list.ts';

/** Where the bytes of a frame lie, as descriptors name them, and how many are to be given back. */
interface Stored {
  readonly parts: readonly { readonly address: number; readonly length: number }[];
  readonly bytes: number;
}

/** Memory for the packets of a queue, and its addresses in descriptors. */
export interface GqiBuffers {
  /** Of a transmit queue. */
  hasRoom(length: number): boolean;
  /** Puts a frame into memory: its head in one piece, the rest in pieces of at most `most` bytes. */
  store(head: Uint8Array, body: Uint8Array, most: number): Stored;
  /** Gives back so many bytes, in the order in which they were stored. */
  free(bytes: number): void;
  /** Of a receive queue: the address of the buffer in a slot; then that of its other half. */
  of(slot: number): number;
  turn(slot: number): number;
  read(slot: number, from: number, length: number): Uint8Array;
}

const HALF = PAGE / 2;
/** So many bytes may be lost where the head of a frame does not fit before the end. */
const LOST_MOST = 512;
/** Bytes for sent frames without a list of pages. */
const SENT = 1 << 18;

/** Registered pages, which descriptors name by offsets. */
export class ListedBuffers implements GqiBuffers {
  readonly pages: RegisteredPages;
  private head = 0;
  private used = 0;
  /** The half of each page that the device has. */
  private readonly halves: number[] = [];

  constructor(pages: RegisteredPages) {
    this.pages = pages;
  }

  hasRoom(length: number): boolean {
    return this.pages.size - this.used >= length + LOST_MOST;
  }

  store(head: Uint8Array, body: Uint8Array, most: number): Stored {
    const before = this.used;
    const left = this.pages.size - this.head;
    if (left < head.length) this.skip(left);
    const parts = [this.put(head)];
    for (let done = 0; done < body.length; ) {
      const part = this.put(body.subarray(done, done + Math.min(most, this.pages.size - this.head)));
      parts.push(part);
      done += part.length;
    }
    return { parts, bytes: this.used - before };
  }

  free(bytes: number): void {
    this.used -= bytes;
  }

  of(slot: number): number {
    return slot * PAGE + (this.halves[slot] ?? 0);
  }

  turn(slot: number): number {
    this.halves[slot] = (this.halves[slot] ?? 0) ^ HALF;
    return this.of(slot);
  }

  read(slot: number, from: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.pages.read(this.of(slot) + from, bytes);
    return bytes;
  }

  private put(bytes: Uint8Array): { address: number; length: number } {
    const address = this.head;
    this.pages.write(address, bytes);
    this.skip(bytes.length);
    return { address, length: bytes.length };
  }

  private skip(bytes: number): void {
    this.head = (this.head + bytes) % this.pages.size;
    this.used += bytes;
  }
}

/** Any memory, which descriptors name by its address: a page for each received frame, and a row of bytes for sent ones. */
export class AnyBuffers implements GqiBuffers {
  private readonly lent: LentMemory;
  private readonly sent: Gpa;
  private readonly buffers: Gpa[] = [];
  private head = 0;
  private used = 0;

  constructor(lent: LentMemory) {
    this.lent = lent;
    this.sent = lent.allocate(SENT, PAGE);
  }

  hasRoom(length: number): boolean {
    // A frame lies in one piece: what does not fit before the end begins anew.
    return SENT - this.used >= 2 * length;
  }

  store(head: Uint8Array, body: Uint8Array, most: number): Stored {
    const { memory } = this.lent.port;
    const length = head.length + body.length;
    const lost = SENT - this.head < length ? SENT - this.head : 0;
    const at = (this.head + lost) % SENT;
    this.head = (at + length) % SENT;
    this.used += lost + length;
    const address = this.sent + at;
    memory.write(address, head);
    memory.write(address + head.length, body);
    const parts = [{ address, length: head.length }];
    for (let done = 0; done < body.length; done += most)
      parts.push({ address: address + head.length + done, length: Math.min(most, body.length - done) });
    return { parts, bytes: lost + length };
  }

  free(bytes: number): void {
    this.used -= bytes;
  }

  of(slot: number): Gpa {
    return (this.buffers[slot] ??= this.lent.allocate(HALF, HALF));
  }

  turn(slot: number): Gpa {
    return this.of(slot);
  }

  read(slot: number, from: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.lent.port.memory.read(this.of(slot) + from, bytes);
    return bytes;
  }
}
