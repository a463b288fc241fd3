import type { Gpa, Width } from '../../../core/bits.ts';
import type { Lent, Piece } from './lent.ts';
import type { RingRam } from './ring-ram.ts';

/** Bytes of a chain that are kept. */
const KEPT_BYTES = 0x1_0000;
/** Chains, and about so many bytes, that a quick look goes over; the next one goes on behind them. */
const QUICK = 32;
const QUICK_BYTES = 0x1_0000;
const DESC = 16;

/** An integer reads otherwise: `before` stood there. */
type Changed = (at: Gpa, width: Width, before: number) => void;

/**
 * What the chains that a device has consisted of when it took them: for a guest whose stores nobody tells of. Only what a
 * driver is to leave alone is kept, only of chains that the device still has when the guest goes on, and only until they
 * come back.
 *
 * @example
 * shadows.took(lent, 0x1000);       // its descriptors lie there
 * shadows.goesOn();                 // they are kept, its table, what the device reads of it
 * shadows.look(true);               // tells whatever stands there differently now, each change once
 * shadows.lookAt(lent);             // the same of one, before it comes back
 */
export class Shadows {
  /** Nobody tells of any store. */
  readonly alone: boolean;
  private readonly ram: RingRam;
  private readonly changed: Changed;
  /** Taken since the guest had its turn, and where the descriptors of each lie. */
  private readonly fresh: Lent[] = [];
  private readonly places: Gpa[] = [];
  private readonly kept: Lent[] = [];
  /** Where the next look begins. */
  private turn = 0;

  /** @param alone nobody tells of any store. */
  constructor(ram: RingRam, alone: boolean, changed: Changed) {
    this.ram = ram;
    this.alone = alone;
    this.changed = changed;
  }

  /** @param desc where the descriptors of its ring lie. */
  took(lent: Lent, desc: Gpa): void {
    this.fresh.push(lent);
    this.places.push(desc);
  }

  /** What the device has from here on can be changed. */
  goesOn(): void {
    const { fresh, places } = this;
    if (fresh.length === 0) return;
    for (let i = 0; i < fresh.length; i++) {
      fresh[i]!.owner.sync();
      if (fresh[i]!.active && !fresh[i]!.told) this.keep(fresh[i]!, places[i]!);
    }
    fresh.length = places.length = 0;
  }

  look(atAll: boolean): void {
    const { kept } = this;
    let room = atAll ? Number.POSITIVE_INFINITY : QUICK_BYTES;
    for (let left = atAll ? kept.length : Math.min(kept.length, QUICK); left > 0 && room > 0; left--) {
      if (this.turn >= kept.length) this.turn = 0;
      const lent = kept[this.turn]!;
      lent.owner.sync();
      if (isStill(lent)) {
        this.turn++;
        room -= this.compared(lent);
      } else {
        lent.listed = false;
        lent.pieces = null;
        kept[this.turn] = kept.at(-1)!;
        kept.pop();
      }
    }
  }

  /** Looks at one chain, which is about to come back. */
  lookAt(lent: Lent): void {
    if (isStill(lent)) this.compared(lent);
  }

  private keep(lent: Lent, desc: Gpa): void {
    const pieces: Piece[] = [];
    let room = KEPT_BYTES;
    const add = (at: Gpa, length: number) => {
      const bytes = this.ram.memory.slice(at, Math.min(length, room))?.slice();
      if (bytes === undefined || bytes.length === 0) return;
      room -= bytes.length;
      pieces.push({ at, bytes });
    };
    for (let i = 0; i < lent.slotCount; i++) add(desc + DESC * lent.slots[i]!, DESC);
    add(lent.table, lent.tableBytes);
    for (let i = 0; i < lent.readable; i++) add(lent.addresses[i]!, lent.lengths[i]!);
    lent.pieces = pieces;
    if (!lent.listed) this.kept.push(lent);
    lent.listed = true;
  }

  /** @returns how many bytes. */
  private compared(lent: Lent): number {
    const pieces = lent.pieces!;
    let bytes = 0;
    for (let i = 0; i < pieces.length && !lent.told; i++) {
      this.compare(pieces[i]!);
      bytes += pieces[i]!.bytes.length;
    }
    return bytes;
  }

  private compare({ at, bytes }: Piece): void {
    const now = this.ram.memory.slice(at, bytes.length);
    if (now === null || isSame(now, bytes)) return;
    const first = bytes.findIndex((byte, i) => byte !== now[i]);
    const begin = first - ((at + first) % 2 === 0 || first === 0 ? 0 : 1);
    const width = widthOf(at + begin, begin, bytes, now);
    const before = uintOf(bytes, begin, width, this.ram.little);
    bytes.set(now);
    this.changed(at + begin, width, before);
  }
}

/** As wide as what differs, no wider than is aligned. */
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

/** The device has the chain, it is kept as it is, and nothing was said of it. */
function isStill({ active, told, pieces }: Lent): boolean {
  return active && !told && pieces !== null;
}

function isSame(now: Uint8Array, before: Uint8Array): boolean {
  if (before.length > 64) return Buffer.compare(now, before) === 0;
  for (let i = 0; i < before.length; i++) if (now[i] !== before[i]) return false;
  return true;
}
