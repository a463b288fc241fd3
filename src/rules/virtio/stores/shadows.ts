import type { Gpa, Width } from '../../../core/bits.ts';
import type { Lent } from './lent.ts';
import type { RingRam } from './ring-ram.ts';

/** Bytes of a chain that are kept, and chains that a quick look goes over; the next one goes on behind them. */
const KEPT_BYTES = 0x1_0000;
const QUICK = 32;
const DESC = 16;

/** Some bytes as they were. */
interface Piece {
  readonly at: Gpa;
  readonly bytes: Uint8Array;
}

/** A chain, while it is the one that had this position in its ring. */
interface Shadow {
  readonly lent: Lent;
  readonly position: number;
  readonly pieces: readonly Piece[];
}

/** An integer reads otherwise: `before` stood there. */
type Changed = (at: Gpa, width: Width, before: number) => void;

/**
 * What the chains that a device has consisted of when it took them: for a guest whose stores nobody tells of. Only what a
 * driver is to leave alone is kept, and only until the chain comes back.
 *
 * @example
 * shadows.keep(lent, 0x1000);                             // its descriptors, its table, what the device reads of it
 * shadows.look(true, (at, width, before) => { … });       // whatever stands there differently now, each change once
 */
export class Shadows {
  private readonly ram: RingRam;
  private readonly kept: Shadow[] = [];
  /** Where the next look begins. */
  private turn = 0;

  constructor(ram: RingRam) {
    this.ram = ram;
  }

  /** @param desc where the descriptors of its ring lie. */
  keep(lent: Lent, desc: Gpa): void {
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
    this.kept.push({ lent, position: lent.position, pieces });
  }

  look(atAll: boolean, changed: Changed): void {
    const { kept } = this;
    for (let left = atAll ? kept.length : Math.min(kept.length, QUICK); left > 0; left--) {
      if (this.turn >= kept.length) this.turn = 0;
      const shadow = kept[this.turn]!;
      if (isStill(shadow)) {
        this.turn++;
        for (const piece of shadow.pieces) this.compare(piece, changed);
      } else {
        kept[this.turn] = kept.at(-1)!;
        kept.pop();
      }
    }
  }

  private compare({ at, bytes }: Piece, changed: Changed): void {
    const now = this.ram.memory.slice(at, bytes.length);
    if (now === null || isSame(now, bytes)) return;
    const first = bytes.findIndex((byte, i) => byte !== now[i]);
    const begin = first - ((at + first) % 2 === 0 || first === 0 ? 0 : 1);
    const width = widthOf(at + begin, begin, bytes, now);
    const before = uintOf(bytes, begin, width, this.ram.little);
    bytes.set(now);
    changed(at + begin, width, before);
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

/** The device has the chain, and nothing was said of it. */
function isStill({ lent, position }: Shadow): boolean {
  lent.owner.sync();
  return lent.active && lent.position === position && !lent.told;
}

function isSame(now: Uint8Array, before: Uint8Array): boolean {
  if (before.length > 64) return Buffer.compare(now, before) === 0;
  for (let i = 0; i < before.length; i++) if (now[i] !== before[i]) return false;
  return true;
}
