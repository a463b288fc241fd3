import { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import { RESERVED_FEATURES, UNDESCRIBED_FEATURES } from '../../../virtio/registers.ts';

/** Equal initialisations in a row after which a different one counts against the driver. */
const TWICE = 2;

const WHERE = 'virtio 1.4, Feature Bits';
const ADVICE = 'AND the offered bits with those that the driver knows, and ignore the others.';
const BITS = 128;

/** Rules on meaningless feature bits: an offer of them must not change what a driver does. */
export const STRANGERS = {
  'virtio/FEAT-D4': {
    where: WHERE,
    text: 'A driver MUST ignore feature bits that are unknown, reserved or of another device type.',
    advice: ADVICE,
    on: 'agreed',
    kept: (k) => differing(k) === undefined,
    said: (k) =>
      `feature ${differing(k)} was ${k.takes.has(differing(k)!) ? 'accepted' : 'left'} where bits that mean nothing are offered, and ${k.took.has(differing(k)!) ? 'accepted' : 'left'} where not`,
  },
  'virtio/FEAT-D11': {
    where: WHERE,
    text: 'A driver MUST NOT fail only because an unknown feature is offered.',
    advice: ADVICE,
    on: 'done',
    kept: (k) => !k.gaveUp,
    said: () => 'the driver did not reach DRIVER_OK, as it does if no meaningless bits are offered',
  },
} as const satisfies Rules<StrangerWatch>;

/** The first feature that is accepted now and was not before, or the other way around. */
function differing({ takes, took }: StrangerWatch): number | undefined {
  for (let bit = 0; bit < BITS; bit++) if (takes.has(bit) !== took.has(bit)) return bit;
  return undefined;
}

/** Compares a driver that is offered meaningless bits with its earlier runs without them. */
export class StrangerWatch {
  /** What it accepts now, without meaningless bits, and what it accepted before. */
  takes = new BitSet();
  took = new BitSet();
  /** It did not reach DRIVER_OK. */
  gaveUp = false;
  /** The offer, without meaningless bits, at which it accepted `took`; and how often in a row. */
  private offered = new BitSet();
  private times = 0;
  /** In this initialisation the driver has read an offer with meaningless bits. */
  private meets = false;
  private readonly name: () => string;
  private readonly strange: readonly number[];
  private readonly on;

  /** @param foreign bits of the upper range of device types that this one does not define. */
  constructor(name: () => string, journal: Journal, foreign: readonly number[]) {
    this.name = name;
    this.strange = [...UNDESCRIBED_FEATURES, ...RESERVED_FEATURES, ...foreign];
    this.on = new Watch(journal, STRANGERS).on;
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
    if (this.meets) this.on.agreed.tell(this);
  }

  /** It set DRIVER_OK. */
  live(offered: BitSet): void {
    if (this.meets) this.done(false);
    else if (!this.strange.some((bit) => offered.has(bit))) this.learn(offered);
  }

  /** It set FAILED, or the power went off before it reached DRIVER_OK. */
  ended(): void {
    if (this.meets) this.done(true);
  }

  private done(gaveUp: boolean): void {
    this.gaveUp = gaveUp;
    this.meets = false;
    this.on.done.tell(this);
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
