import type { Journal } from '../../../core/journal.ts';
import { type Moment, Watch } from '../../../core/watch.ts';
import type { RingFault } from '../../../virtio/queue/events.ts';
import type { RingKnows, RingMoment } from './knows.ts';
import { PACKED } from './packed.ts';
import { RING } from './ring.ts';
import { SPLIT } from './split.ts';
import { SPLIT_INDIRECT } from './split-indirect.ts';

/** Every rule of rings, of both formats. */
export const RINGS = { ...RING, ...SPLIT, ...SPLIT_INDIRECT, ...PACKED } as const;

const OF_PACKED = { ...RING, ...PACKED };
const OF_SPLIT = { ...RING, ...SPLIT, ...SPLIT_INDIRECT };

/** The rules of one format, by their moments. */
export class RingRules {
  readonly watch: Watch<RingKnows, RingMoment>;
  readonly placed: Moment<RingKnows>;
  readonly chain: Moment<RingKnows>;
  readonly dry: Moment<RingKnows>;
  readonly elsewhere: Moment<RingKnows>;
  readonly stale: Moment<RingKnows>;
  readonly astray: Moment<RingKnows>;
  private readonly faults = new Map<RingFault, Moment<RingKnows>>();

  constructor(journal: Journal, packed: boolean) {
    this.watch = new Watch<RingKnows, RingMoment>(journal, packed ? OF_PACKED : OF_SPLIT);
    this.placed = this.watch.at('placed');
    this.chain = this.watch.at('chain');
    this.dry = this.watch.at('dry');
    this.elsewhere = this.watch.at('elsewhere');
    this.stale = this.watch.at('stale');
    this.astray = this.watch.at('astray');
  }

  /** The moment of a fault, kept because some faults come for every descriptor. */
  at(fault: RingFault): Moment<RingKnows> {
    let moment = this.faults.get(fault);
    if (moment === undefined) this.faults.set(fault, (moment = this.watch.at(fault)));
    return moment;
  }
}
