import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Sight } from '../../../core/memory-tap.ts';
import { type Moment, Watch } from '../../../core/watch.ts';
import { rulesFor, type StoreKnows, type StoreMoment, type StoreRules } from './knows.ts';

/** Shape of a chain that came back right, in bits: the kinds of its buffers, all that rules need of it. */
const READS = 1;
const WRITES = 2;
const SHAPES = 4;

/** The moments of one table. Those at which nothing is wrong are only counted, until the journal is read. */
export class Moments {
  late!: Moment<StoreKnows>;
  changed!: Moment<StoreKnows>;
  rewritten!: Moment<StoreKnows>;
  scribbled!: Moment<StoreKnows>;
  peeked!: Moment<StoreKnows>;
  left!: Moment<StoreKnows>;
  entryRead!: Moment<StoreKnows>;
  exposed!: Moment<StoreKnows>;
  lent!: Moment<StoreKnows>;
  shared!: Moment<StoreKnows>;
  mistaken!: Moment<StoreKnows>;
  freed!: Moment<StoreKnows>;
  ringFreed!: Moment<StoreKnows>;
  reused!: Moment<StoreKnows>;
  lapped!: Moment<StoreKnows>;
  woken!: Moment<StoreKnows>;
  served!: Moment<StoreKnows>;
  deviceStored!: Moment<StoreKnows>;
  private overtaken!: Moment<StoreKnows>;
  private ringLeft!: Moment<StoreKnows>;
  private returned!: Moment<StoreKnows>;
  private readonly journal: Journal;
  private readonly table: StoreRules;
  private readonly returns = new Int32Array(SHAPES);
  private exposures = 0;
  private lists = 0;
  private lents = 0;
  private lefts = 0;
  private entries = 0;
  private reuses = 0;
  private overtakings = 0;
  private rings = 0;
  private wakes = 0;
  private serves = 0;
  private last: Nanos = 0;

  constructor(journal: Journal, table: StoreRules) {
    this.journal = journal;
    this.table = table;
    this.tellRules('accesses');
    journal.beforeReading(() => this.settle());
  }

  /** From now on only `sight` of the guest is available: rules that need more are not checked. */
  narrowed(sight: Sight): void {
    this.settle();
    this.tellRules(sight);
  }

  /** Chains were made available as they should be. */
  wellExposed(isList: boolean): void {
    if (isList) this.lists++;
    else this.exposures++;
    this.last = this.journal.now;
  }

  /** A chain came back, and nothing was wrong with it. */
  wellReturned(readsBuffers: boolean, writesBuffers: boolean): void {
    this.returns[(readsBuffers ? READS : 0) | (writesBuffers ? WRITES : 0)]!++;
    this.last = this.journal.now;
  }

  /** It came back before one that was made available earlier. */
  wellOvertaken(): void {
    this.overtakings++;
  }

  /** It came back with bytes that the device did not write. */
  wellLeft(): void {
    this.lefts++;
  }

  /** Buffers that a device is to write were lent, and overlap nothing. */
  wellLent(): void {
    this.lents++;
  }

  /** Descriptors of a packed ring were reused. */
  wellReused(): void {
    this.reuses++;
  }

  /** A ring in use came to its end, and its memory was not given back before. */
  wellRingLeft(): void {
    this.rings++;
    this.last = this.journal.now;
  }

  /** The driver looked into the ring after it asked for interrupts. */
  wellWoken(): void {
    this.wakes++;
    this.last = this.journal.now;
  }

  /** A handler took all that it found. */
  wellServed(): void {
    this.serves++;
    this.last = this.journal.now;
  }

  wellRead(): void {
    this.entries++;
    this.last = this.journal.now;
  }

  private tellRules(sight: Sight): void {
    const watch = new Watch<StoreKnows, StoreMoment>(this.journal, rulesFor(sight, this.table));
    this.late = watch.at('late');
    this.changed = watch.at('changed');
    this.rewritten = watch.at('rewritten');
    this.scribbled = watch.at('scribbled');
    this.peeked = watch.at('peeked');
    this.left = watch.at('left');
    this.entryRead = watch.at('entryRead');
    this.exposed = watch.at('exposed');
    this.lent = watch.at('lent');
    this.shared = watch.at('shared');
    this.mistaken = watch.at('mistaken');
    this.overtaken = watch.at('overtaken');
    this.freed = watch.at('freed');
    this.ringFreed = watch.at('ringFreed');
    this.ringLeft = watch.at('ringLeft');
    this.reused = watch.at('reused');
    this.lapped = watch.at('lapped');
    this.woken = watch.at('woken');
    this.served = watch.at('served');
    this.deviceStored = watch.at('deviceStored');
    this.returned = watch.at('returned');
  }

  private settle(): void {
    this.repeat(this.exposed, this.exposures, {});
    this.repeat(this.exposed, this.lists, { isList: true });
    this.repeat(this.lent, this.lents, { writesBuffers: true });
    this.repeat(this.left, this.lefts, {});
    this.repeat(this.entryRead, this.entries, {});
    this.repeat(this.reused, this.reuses, {});
    this.repeat(this.overtaken, this.overtakings, {});
    this.repeat(this.ringLeft, this.rings, {});
    this.repeat(this.woken, this.wakes, {});
    this.repeat(this.served, this.serves, {});
    for (const [shape, times] of this.returns.entries())
      this.repeat(this.returned, times, {
        readsBuffers: (shape & READS) !== 0,
        writesBuffers: (shape & WRITES) !== 0,
      });
    this.exposures = this.lists = this.lents = this.overtakings = 0;
    this.lefts = this.entries = this.reuses = this.rings = this.wakes = this.serves = 0;
    this.returns.fill(0);
  }

  private repeat(moment: Moment<StoreKnows>, times: number, shape: Partial<StoreKnows>): void {
    if (times > 0) moment.repeat({ ...WELL, ...shape }, times, this.last);
  }
}

const WELL: StoreKnows = {
  subject: '',
  wrong: false,
  field: '',
  address: 0,
  chain: 0,
  slot: -1,
  noRoom: 'no',
  clash: 'none',
  other: '',
  isFreed: false,
  idx: 0,
  seenIdx: 0,
  written: 0,
  unread: 0,
  readsBuffers: false,
  writesBuffers: false,
  isList: false,
  mark: 0,
  ring: () => [],
};
