import type { Gpa, Width } from '../../../core/bits.ts';
import type { RamRange } from '../../../core/memory.ts';
import type { RingRam } from './ring-ram.ts';

/** Bytes that are kept of one chain. */
const MOST = 0x1_0000;
const FIRST = 256;
/** Up to this many bytes a loop is faster than a call. */
const FEW = 32;

/** An integer changed; its value was `before`. */
export type Changed = (at: Gpa, width: Width, before: number) => void;

/**
 * A copy of some pieces of RAM. It is reused, so that nothing is allocated once it is large enough.
 *
 * @example
 * copy.clear();
 * copy.add(ram, 0x5000, 64);
 * copy.compare(ram, (at, width, before) => { … });      // each change once
 */
export class Copy {
  private bytes = Buffer.alloc(FIRST);
  /** Where each piece lies in RAM, how long it is, and how many there are. */
  private readonly places: Gpa[] = [];
  private readonly lengths: number[] = [];
  private count = 0;
  private used = 0;

  clear(): void {
    this.count = this.used = 0;
  }

  /** Bytes that are kept. */
  get size(): number {
    return this.used;
  }

  /** A piece that no longer fits, or is not RAM, is not kept. */
  add({ memory }: RingRam, at: Gpa, length: number): void {
    const kept = Math.min(length, MOST - this.used);
    const range = kept > 0 ? memory.find(at, kept) : null;
    if (range === null) return;
    this.reserve(this.used + kept);
    const from = at - range.base;
    if (kept > FEW) this.bytes.set(range.bytes.subarray(from, from + kept), this.used);
    else for (let i = 0; i < kept; i++) this.bytes[this.used + i] = range.bytes[from + i]!;
    this.places[this.count] = at;
    this.lengths[this.count++] = kept;
    this.used += kept;
  }

  /** Reports the first change in each piece, and copies the piece as it is now. @returns whether there was any. */
  compare(ram: RingRam, changed: Changed): boolean {
    let any = false;
    for (let i = 0, own = 0; i < this.count; own += this.lengths[i++]!) {
      const range = ram.memory.find(this.places[i]!, this.lengths[i]!);
      if (range === null || this.isSame(range, i, own)) continue;
      any = true;
      this.tell(ram, range, { piece: i, own }, changed);
    }
    return any;
  }

  private isSame(range: RamRange, piece: number, own: number): boolean {
    const from = this.places[piece]! - range.base;
    const length = this.lengths[piece]!;
    if (length > FEW) return this.bytes.compare(range.bytes, from, from + length, own, own + length) === 0;
    for (let i = 0; i < length; i++) if (range.bytes[from + i] !== this.bytes[own + i]) return false;
    return true;
  }

  private tell(ram: RingRam, range: RamRange, at: { piece: number; own: number }, changed: Changed): void {
    const { piece, own } = at;
    const address = this.places[piece]!;
    const from = address - range.base;
    const now = range.bytes.subarray(from, from + this.lengths[piece]!);
    const before = this.bytes.subarray(own, own + now.length);
    const first = before.findIndex((byte, i) => byte !== now[i]);
    const begin = first - ((address + first) % 2 === 0 || first === 0 ? 0 : 1);
    const width = widthOf(address + begin, begin, before, now);
    const stood = uintOf(before, begin, width, ram.little);
    before.set(now);
    changed(address + begin, width, stood);
  }

  private reserve(bytes: number): void {
    if (bytes <= this.bytes.length) return;
    const larger = Buffer.alloc(Math.min(MOST, 2 ** Math.ceil(Math.log2(bytes))));
    larger.set(this.bytes.subarray(0, this.used));
    this.bytes = larger;
  }
}

/** The width of what differs, no wider than its alignment. */
function widthOf(address: Gpa, begin: number, before: Uint8Array, now: Uint8Array): Width {
  if (address % 2 !== 0 || begin + 2 > before.length) return 1;
  const isWide = address % 4 === 0 && begin + 4 <= before.length;
  const differs = (i: number) => before[begin + i] !== now[begin + i];
  return isWide && (differs(2) || differs(3)) ? 4 : 2;
}

function uintOf(bytes: Uint8Array, at: number, width: Width, little: boolean): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, width);
  if (width === 1) return view.getUint8(0);
  return width === 2 ? view.getUint16(0, little) : view.getUint32(0, little);
}
