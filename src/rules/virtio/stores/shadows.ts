import type { Gpa } from '../../../core/bits.ts';
import { type Changed, Copy } from './copy.ts';
import type { Lent } from './lent.ts';
import type { RingRam } from './ring-ram.ts';

/** Chains, and about so many bytes, that a quick look goes over; the next one goes on behind them. */
const QUICK = 32;
const QUICK_BYTES = 0x1_0000;
const DESC = 16;

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
  private readonly spare: Copy[] = [];
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
      const lent = fresh[i]!;
      lent.owner.sync();
      if (lent.active && !lent.told) this.keep(lent, places[i]!);
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
        room -= lent.copy!.size;
        lent.copy!.compare(this.ram, this.changed);
      } else {
        lent.listed = false;
        this.forget(lent);
        kept[this.turn] = kept.at(-1)!;
        kept.pop();
      }
    }
  }

  /** Looks at one chain, which is about to come back. */
  lookAt(lent: Lent): void {
    if (isStill(lent)) lent.copy!.compare(this.ram, this.changed);
  }

  /** The chain came back. */
  forget(lent: Lent): void {
    if (lent.copy !== null) this.spare.push(lent.copy);
    lent.copy = null;
  }

  private keep(lent: Lent, desc: Gpa): void {
    const { ram } = this;
    const copy = lent.copy ?? this.spare.pop() ?? new Copy();
    copy.clear();
    for (let i = 0; i < lent.slotCount; i++) copy.add(ram, desc + DESC * lent.slots[i]!, DESC);
    copy.add(ram, lent.table, lent.tableBytes);
    for (let i = 0; i < lent.readable; i++) copy.add(ram, lent.addresses[i]!, lent.lengths[i]!);
    lent.copy = copy;
    if (!lent.listed) this.kept.push(lent);
    lent.listed = true;
  }
}

/** The device has the chain, it is kept as it is, and nothing was said of it. */
function isStill({ active, told, copy }: Lent): boolean {
  return active && !told && copy !== null;
}
