import { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import { type Moment, Watch } from '../../../core/watch.ts';
import { RESERVED_FEATURES, UNDESCRIBED_FEATURES } from '../../../virtio/registers.ts';
import { STRANGERS, type StrangerKnows } from './strangers.ts';

/** As often a driver must have done the same before it is asked why it does not. */
const TWICE = 2;

/** Watches what bits that mean nothing do to a driver which was seen without them. */
export class StrangerWatch implements StrangerKnows {
  takes = new BitSet();
  took = new BitSet();
  gaveUp = false;
  /** What was offered, less what means nothing, while it took that; and how often in a row. */
  private offered = new BitSet();
  private times = 0;
  /** Of the initialisation under way: it meets strangers, and has seen the offer. */
  private meets = false;
  private readonly name: () => string;
  private readonly strange: readonly number[];
  private readonly onAgreed: Moment<StrangerKnows>;
  private readonly onDone: Moment<StrangerKnows>;

  /** @param foreign bits of the upper range of device types that this one does not define. */
  constructor(name: () => string, journal: Journal, foreign: readonly number[]) {
    this.name = name;
    this.strange = [...UNDESCRIBED_FEATURES, ...RESERVED_FEATURES, ...foreign];
    const watch = new Watch(journal, STRANGERS);
    this.onAgreed = watch.at('agreed');
    this.onDone = watch.at('done');
  }

  get subject(): string {
    return this.name();
  }

  /** The driver read what is offered. */
  offersRead(offered: BitSet): void {
    const known = this.without(offered);
    const same = this.times >= TWICE && isSame(known, this.offered);
    this.meets = same && this.strange.some((bit) => offered.has(bit));
  }

  /** It closes the negotiation. */
  agreed(written: BitSet): void {
    this.takes = this.without(written);
    if (this.meets) this.onAgreed.tell(this);
  }

  /** It set DRIVER_OK. */
  live(offered: BitSet): void {
    if (this.meets) this.done(false);
    else if (!this.strange.some((bit) => offered.has(bit))) this.learn(offered);
  }

  /** It set FAILED, or the power went before it came to DRIVER_OK. */
  ended(): void {
    if (this.meets) this.done(true);
  }

  private done(gaveUp: boolean): void {
    this.gaveUp = gaveUp;
    this.meets = false;
    this.onDone.tell(this);
  }

  private learn(offered: BitSet): void {
    const again = isSame(offered, this.offered) && isSame(this.takes, this.took);
    this.times = again ? this.times + 1 : 1;
    this.offered = this.without(offered);
    this.took = this.takes;
  }

  private without(bits: BitSet): BitSet {
    const known = new BitSet();
    known.words.set(bits.words);
    for (const bit of this.strange) known.words[bit >> 5]! &= ~(1 << (bit & 31));
    return known;
  }
}

function isSame(one: BitSet, other: BitSet): boolean {
  return one.words.every((word, i) => word === other.words[i]);
}
