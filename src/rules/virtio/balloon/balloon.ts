import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { Watch } from '../../../core/watch.ts';
import { BALLOON_EVENTS, type BalloonEvents, type PageFault } from '../../../virtio/balloon/events.ts';
import {
  BALLOON_FEATURE,
  BALLOON_PFN_SHIFT,
  BALLOON_QUEUE,
  virtio_balloon_config,
} from '../../../virtio/balloon/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import type { InitWatch } from '../init/init-watch.ts';
import { VirtioWatches } from '../watches.ts';
import { BALLOON_CONFIG } from './config.ts';
import { BALLOON } from './pages.ts';
import { StatisticsWatch } from './statistics.ts';

const CONFIG_END = virtio_balloon_config.size;

const PAGE = 1 << BALLOON_PFN_SHIFT;
/** Pages in the balloon that are looked at when a run is over. */
const LOOKED_AT = 4096;
/** Longer than any device takes to acknowledge a request. */
const PATIENCE = 100_000_000;
/** Changes that a driver may be behind with: more than there are entries in a ring. */
const PASSED = 512;
const { stats } = BALLOON_QUEUE;
const { actual: ACTUAL } = virtio_balloon_config.offset;

const RULES = { ...BALLOON, ...BALLOON_CONFIG };

/** Watches a driver of the memory balloon. */
export class BalloonWatch implements Partial<BalloonEvents> {
  /** Index of the queue in question; -1 where there is none. */
  queue = -1;
  /** STATS_VQ was accepted. */
  statsAccepted = false;
  /** Bytes of the buffer in question. */
  readable = 0;
  writable = 0;
  page = 0;
  pageFault: PageFault | null = null;
  wasInside = false;
  /** The run is over, and the device asks for as many pages as are in the balloon. */
  isWanted = false;
  /** The first 32 bits of the page that are not zero, by their offset; -1 is none, and null RAM that is gone. */
  found: number | null = -1;
  /** Offset of the byte written to the configuration. */
  offset = 0;
  /** The byte of `actual` that a legacy driver writes next. */
  nextByte: number = ACTUAL;
  /** Pages in the balloon, as the device counts them. */
  pages = 0;
  actual = 0;
  /** `actual` was right before the last request, and may be until the next. */
  forgiven = false;
  /** `actual` says how many pages there were between its last write and this one, before later acknowledgements. */
  catchesUp = false;
  /** How long it has been wrong, if the driver wrote nothing; 0 if it did. */
  silence: Nanos = 0;
  /** The access at which evidence about `actual` begins. */
  cause: Mark = 0;
  private readonly inside = new Set<number>();
  /** How many pages were in the balloon before each change that the driver has not told of. */
  private readonly passed: number[] = [];
  private changedAt: Mark = 0;
  private changedSince: Nanos = 0;
  private readonly facts: VirtioFacts;
  private readonly memory: GuestMemory;
  private readonly target: () => number;
  private readonly journal: Journal;
  private readonly init: InitWatch;
  private readonly on;

  /** @param memory to see whether a page stayed as the device left it. @param target the pages that the device asks for. */
  constructor(
    facts: VirtioFacts,
    memory: GuestMemory,
    target: () => number,
    journal: Journal,
    init: InitWatch,
  ) {
    this.facts = facts;
    this.memory = memory;
    this.target = target;
    this.journal = journal;
    this.init = init;
    this.on = new Watch(journal, RULES).on;
  }

  /** The driver has done what it does with the balloon. @param isReset it may write no more of `actual` then. */
  left(isReset: boolean): void {
    this.queue = -1;
    if (!isReset) this.checkWhole();
    this.checkSilence();
    this.checkInside();
  }

  get legacy(): boolean {
    return this.init.legacy;
  }

  /** `inflate queue (queue 0)` */
  get name(): string {
    return this.facts.role(this.queue);
  }

  get subject(): string {
    return this.queue < 0 ? this.facts.subject() : this.facts.queueName(this.queue);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue) ?? null;
  }

  reset(): void {
    this.nextByte = ACTUAL;
    this.actual = 0;
    this.pages = 0;
    this.passed.length = 0;
    this.forgiven = this.catchesUp = false;
    this.inside.clear();
  }

  negotiated(accepted: BitSet): void {
    this.statsAccepted = accepted.has(BALLOON_FEATURE.STATS_VQ);
  }

  configWritten(offset: number): void {
    this.queue = -1;
    this.offset = offset;
    this.on.configured.tell(this);
    if (offset >= ACTUAL) this.nextByte = offset + 1 === CONFIG_END ? ACTUAL : offset + 1;
  }

  actualWritten(actual: number): void {
    this.queue = -1;
    this.actual = actual;
    const told = actual === this.pages ? this.passed.length : this.passed.lastIndexOf(actual);
    this.catchesUp = told >= 0 && told < this.passed.length;
    this.forgiven = this.catchesUp && told === this.passed.length - 1;
    if (told > 0) this.passed.splice(0, told);
    this.cause = this.changedAt;
    this.changedSince = this.journal.now;
    this.on.actual.tell(this);
    this.cause = this.journal.mark;
  }

  attended(queue: number, pages: number): void {
    this.queue = queue;
    this.on.attended.tell(this);
    if (pages === this.pages) return;
    this.checkSilence();
    this.queue = -1;
    if (this.passed.length === PASSED) this.passed.shift();
    this.passed.push(this.pages);
    this.pages = pages;
    this.changedAt = this.journal.mark;
    this.changedSince = this.journal.now;
    const open = this.forgiven;
    this.forgiven = false;
    if (open) this.on.actual.tell(this);
  }

  pagesSent(queue: number, readable: number, writable: number): void {
    this.queue = queue;
    this.catchesUp = false;
    this.readable = readable;
    this.writable = writable;
    this.on.pages.tell(this);
  }

  inflated(page: number, fault: PageFault | null): void {
    this.page = page;
    this.pageFault = fault;
    this.on.inflated.tell(this);
    // A page given to the host must not hold a ring or a buffer any more.
    if (fault !== null) return;
    if (this.inside.size < LOOKED_AT) this.inside.add(page);
    this.facts.stores?.givenAway(page * PAGE, PAGE);
  }

  deflated(page: number, wasInside: boolean): void {
    this.page = page;
    this.wasInside = wasInside;
    this.inside.delete(page);
    this.found = wasInside ? this.firstNonZero(page) : -1;
    this.on.deflated.tell(this);
  }

  statisticsSent(_id: number, readable: number, writable: number): void {
    this.queue = BALLOON_QUEUE.stats;
    this.readable = readable;
    this.writable = writable;
    this.on.statistics.tell(this);
  }

  /** Whether the driver has left `actual` as it was for long. */
  private checkSilence(): void {
    const silence = this.journal.now - this.changedSince;
    if (silence < PATIENCE || this.pages === this.actual || this.forgiven) return;
    this.silence = silence;
    this.cause = this.changedAt;
    this.on.unsaid.tell(this);
    this.silence = 0;
  }

  /** Not all of `actual` was written the last time. */
  private checkWhole(): void {
    if (!this.legacy || this.nextByte === ACTUAL) return;
    this.offset = ACTUAL;
    this.on.configured.tell(this);
  }

  /** Pages that are in the balloon still, and that the driver uses. */
  checkInside(): void {
    this.queue = BALLOON_QUEUE.inflate;
    this.wasInside = true;
    this.isWanted = this.target() >= this.pages;
    for (const page of this.inside) {
      this.page = page;
      this.found = this.firstNonZero(page);
      this.on.ended.tell(this);
    }
    this.isWanted = false;
  }

  private firstNonZero(page: number): number | null {
    const range = this.memory.find(page * PAGE, PAGE);
    if (range === null) return null;
    const from = (page * PAGE - range.base) / 4;
    for (let i = 0; i < PAGE / 4; i++) if (range.words[from + i] !== 0) return 4 * i;
    return -1;
  }
}

/**
 * Judges a driver of the memory balloon.
 *
 * @param target how many pages the device asks for.
 *
 * @example
 * device.watchedBy(judgeBalloon(facts, memory, () => device.target, journal));
 */
export function judgeBalloon(
  facts: VirtioFacts,
  memory: GuestMemory,
  target: () => number,
  journal: Journal,
): BalloonEvents {
  const common = new VirtioWatches(facts, journal);
  const { init, outcome, queues } = common;
  const balloon = new BalloonWatch(facts, memory, target, journal, init);
  const statistics = new StatisticsWatch(facts, journal);
  const left = (isReset: boolean) => {
    if (outcome.isLive) balloon.left(isReset);
  };
  journal.atEnd(() => {
    left(false);
    const queue = queues.list[stats];
    const isAsked = outcome.isLive && init.accepted.has(BALLOON_FEATURE.STATS_VQ);
    if (isAsked && queue !== undefined && queue.place !== null)
      statistics.ended(queue.announce.isStocked, queue.usedUp);
  });
  // Before the others forget what was there.
  const leaving = { reset: (powered: boolean) => powered || left(true) };
  return common.events<BalloonEvents>(BALLOON_EVENTS, [leaving, ...common.list, balloon, statistics]);
}
