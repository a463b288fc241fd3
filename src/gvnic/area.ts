import type { Gpa } from '../core/bits.ts';
import type { GuestMemory } from '../core/memory.ts';

const NOWHERE = new Uint8Array(0);

/**
 * A part of guest RAM that a driver gave the device for long: a ring, an array.
 *
 * @example
 * const ring = new Area(memory, address, 16 * entries);
 * if (!ring.find()) return;                        // once for many accesses: RAM may move, or go
 * ring.view.getUint16(ring.at + 16 * slot, true);
 * ring.wrote(16 * slot, 2);                        // after a store
 */
export class Area {
  readonly address: Gpa;
  readonly length: number;
  /** Of the RAM that it lies in, `at` being its first byte. */
  view: DataView = new DataView(NOWHERE.buffer);
  bytes: Uint8Array = NOWHERE;
  at = 0;
  private readonly memory: GuestMemory;
  private epoch = -1;
  private isThere = false;

  constructor(memory: GuestMemory, address: Gpa, length: number) {
    this.memory = memory;
    this.address = address;
    this.length = length;
  }

  /** Finds its bytes. False if one of them is no RAM. */
  find(): boolean {
    if (this.memory.epoch === this.epoch) return this.isThere;
    const range = this.memory.find(this.address, this.length);
    this.epoch = this.memory.epoch;
    this.isThere = range !== null;
    if (range === null) return false;
    this.view = range.view;
    this.bytes = range.bytes;
    this.at = this.address - range.base;
    return true;
  }

  /** The device stored `length` bytes, from `offset` on. */
  wrote(offset: number, length: number): void {
    this.memory.dirty?.(this.address + offset, this.address + offset + length, false);
  }
}

/** A number of 64 bits. Beyond 2^53 it is not exact, and no address of RAM. */
export function get64(view: DataView, at: number, little: boolean): number {
  // With the byte order as a variable each read is a call: 5 ns of 70 that a frame takes.
  const high = little ? view.getUint32(at + 4, true) : view.getUint32(at, false);
  const low = little ? view.getUint32(at, true) : view.getUint32(at + 4, false);
  // A small integer needs no object when it is handed on.
  return high === 0 ? low : high * 0x1_0000_0000 + low;
}
