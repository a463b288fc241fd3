import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { Watch } from '../../../core/watch.ts';
import type { BalloonEvents, PageFault } from '../../../virtio/balloon/events.ts';
import {
  BALLOON_FEATURE,
  BALLOON_PFN_SHIFT,
  BALLOON_QUEUE,
  type BalloonStat,
  virtio_balloon_config,
} from '../../../virtio/balloon/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { VirtioWatch } from '../virtio-watch.ts';
import { BALLOON, type BalloonKnows, type BalloonMoment } from './balloon.ts';
import { StatisticsWatch } from './statistics-watch.ts';

const PAGE = 1 << BALLOON_PFN_SHIFT;
const CONFIG_END = virtio_balloon_config.size;
const { actual: ACTUAL } = virtio_balloon_config.offset;

/**
 * Watches a driver of the memory balloon.
 *
 * @example
 * device.watchedBy(new BalloonWatch(facts, memory, journal));
 */
export class BalloonWatch extends VirtioWatch implements BalloonEvents, BalloonKnows {
  queue = -1;
  statsAccepted = false;
  readable = 0;
  writable = 0;
  page = 0;
  pageFault: PageFault | null = null;
  wasInside = false;
  found: number | null = -1;
  offset = 0;
  nextByte: number = ACTUAL;
  pages = 0;
  actual = 0;
  forgiven = false;
  cause: Mark = 0;
  private pagesBefore = 0;
  private changedAt: Mark = 0;
  private readonly memory: GuestMemory;
  private readonly onConfigured;
  private readonly onAttended;
  private readonly onPages;
  private readonly onInflated;
  private readonly onDeflated;
  private readonly onActual;
  private readonly onBuffer;
  private readonly statistics: StatisticsWatch;

  /** @param memory to see whether a page stayed as the device left it. */
  constructor(facts: VirtioFacts, memory: GuestMemory, journal: Journal) {
    super(facts, journal);
    this.memory = memory;
    const watch = new Watch<BalloonKnows, BalloonMoment>(journal, BALLOON);
    this.onConfigured = watch.at('configured');
    this.onAttended = watch.at('attended');
    this.onPages = watch.at('pages');
    this.onInflated = watch.at('inflated');
    this.onDeflated = watch.at('deflated');
    this.onActual = watch.at('actual');
    this.onBuffer = watch.at('statistics');
    this.statistics = new StatisticsWatch(facts, journal);
  }

  get name(): string {
    return this.facts.role(this.queue);
  }

  get subject(): string {
    return this.queue < 0 ? this.facts.subject() : this.facts.queueName(this.queue);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue) ?? null;
  }

  override power(): void {
    super.power();
    this.startOver();
  }

  override reset(): void {
    super.reset();
    this.startOver();
  }

  override negotiated(accepted: BitSet, legacy: boolean): void {
    super.negotiated(accepted, legacy);
    this.statsAccepted = accepted.has(BALLOON_FEATURE.STATS_VQ);
  }

  configWritten(offset: number): void {
    this.queue = -1;
    this.offset = offset;
    this.onConfigured.tell(this);
    if (offset >= ACTUAL) this.nextByte = offset + 1 === CONFIG_END ? ACTUAL : offset + 1;
  }

  actualWritten(actual: number): void {
    this.queue = -1;
    this.actual = actual;
    this.forgiven = actual === this.pagesBefore && actual !== this.pages;
    this.cause = this.changedAt;
    this.onActual.tell(this);
    this.cause = this.journal.mark;
  }

  attended(queue: number, pages: number): void {
    this.queue = queue;
    this.onAttended.tell(this);
    if (pages === this.pages) return;
    this.queue = -1;
    this.pagesBefore = this.pages;
    this.pages = pages;
    this.changedAt = this.journal.mark;
    const open = this.forgiven;
    this.forgiven = false;
    if (open) this.onActual.tell(this);
  }

  pagesSent(queue: number, readable: number, writable: number): void {
    this.queue = queue;
    this.readable = readable;
    this.writable = writable;
    this.onPages.tell(this);
  }

  inflated(page: number, fault: PageFault | null): void {
    this.page = page;
    this.pageFault = fault;
    this.onInflated.tell(this);
    // Who gives a page to the host has no ring and no buffer in it any more.
    if (fault === null) this.stores?.givenAway(page * PAGE, PAGE);
  }

  deflated(page: number, wasInside: boolean): void {
    this.page = page;
    this.wasInside = wasInside;
    this.found = wasInside ? this.firstNonZero(page) : -1;
    this.onDeflated.tell(this);
  }

  statisticsSent(id: number, readable: number, writable: number, first: boolean, waiting: boolean): void {
    this.queue = BALLOON_QUEUE.stats;
    this.readable = readable;
    this.writable = writable;
    this.onBuffer.tell(this);
    this.statistics.sent(id, readable, first, waiting);
  }

  statisticsRead(values: ReadonlyMap<BalloonStat, bigint>): void {
    this.statistics.read(values);
  }

  private startOver(): void {
    this.nextByte = ACTUAL;
    this.pages = 0;
    this.pagesBefore = 0;
    this.forgiven = false;
  }

  private firstNonZero(page: number): number | null {
    const range = this.memory.find(page * PAGE, PAGE);
    if (range === null) return null;
    const from = (page * PAGE - range.base) / 4;
    for (let i = 0; i < PAGE / 4; i++) if (range.words[from + i] !== 0) return 4 * i;
    return -1;
  }
}
