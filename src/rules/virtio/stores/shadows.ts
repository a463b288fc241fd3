import type { Gpa } from '../../../core/bits.ts';
import { type Changed, Copy } from './copy.ts';
import type { Lent } from './lent.ts';
import type { RingRam } from './ring-ram.ts';

/** Chains, and bytes, roughly, that a quick look compares; the next look continues behind them. */
const QUICK = 32;
const QUICK_BYTES = 0x1_0000;
const DESC = 16;

/**
 * Copies of the chains that a device has, as they were when it took them: for a guest whose stores are not seen. A copy
 * has only what a driver must leave alone. It is made if the device still has the chain when the guest resumes, and kept
 * until the chain comes back.
 *
 * @example
 * shadows.took(lent, 0x1000);       // where its descriptors lie
 * shadows.goesOn();                 // they are copied, with its table and what the device reads of it
 * shadows.look(true);               // reports what differs now, each change once
 * shadows.lookAt(lent);             // the same for one chain, before it comes back
 */
export class Shadows {
  /** No store is seen. */
  readonly alone: boolean;
  private readonly ram: RingRam;
  private readonly changed: Changed;
  /** Chains taken since the guest last ran, and where the descriptors of each lie. */
  private readonly fresh: Lent[] = [];
  private readonly places: Gpa[] = [];
  private readonly kept: Lent[] = [];
  private readonly spare: Copy[] = [];
  /** Where the next look begins. */
  private turn = 0;

  /** @param alone no store is seen. */
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

  /** The guest resumes: copies what the device has, which can change from here on. */
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

/** The device has the chain, there is a copy of it, and no finding on it. */
function isStill({ active, told, copy }: Lent): boolean {
  return active && !told && copy !== null;
}
