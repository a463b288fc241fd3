import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import { bytesText, hex, type Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Rules } from '../../../core/rule.ts';
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
import type { OutcomeWatch } from '../init/outcome.ts';
import { VirtioWatches } from '../watches.ts';
import { BALLOON_CONFIG } from './config.ts';
import { StatisticsWatch } from './statistics.ts';

const CONFIG_END = virtio_balloon_config.size;

const PAGE = 1 << BALLOON_PFN_SHIFT;
const PFN_BYTES = 4;
/** Pages in the balloon that are looked at when a run is over. */
const LOOKED_AT = 4096;
/** Longer than any device takes to acknowledge a request. */
const PATIENCE = 100_000_000;
const { stats } = BALLOON_QUEUE;
const { actual: ACTUAL } = virtio_balloon_config.offset;
const OPERATION = 'virtio 1.4, Traditional Memory Balloon Device, Device Operation';

/** Rules for a driver of the memory balloon, except for its configuration and its statistics. */
export const BALLOON = {
  'virtio/BALLOON-OP-D3': {
    // A MUST that a footnote calls a courtesy without MUST_TELL_HOST; drivers that free pages first are in use.
    where: OPERATION,
    text: 'Do not use a page that is in the balloon until the deflate request for it was sent.',
    advice:
      'Take a page from the allocator for as long as it is in the balloon. Send the request to the deflateq first: this is right with and without MUST_TELL_HOST.',
    on: ['deflated', 'ended'],
    // The device zeroed the page when it was inflated. RAM that the host removed since cannot be checked.
    when: (k) => k.wasInside && k.found !== null,
    kept: (k) => k.found === -1,
    said: (k) => `page ${k.page} was written to while it was in the balloon`,
    facts: (k) => [`not zero: ${hex(k.page * PAGE + k.found!, 8)}`],
  },
  'virtio/BALLOON-OP-D6': {
    where: OPERATION,
    text: 'A driver MUST NOT deflate a page unless it is in the balloon through an acknowledged inflate request.',
    advice:
      'Keep a list of the pages that were inflated and acknowledged, and deflate only pages from that list.',
    on: 'deflated',
    kept: (k) => k.wasInside,
    said: (k) => `page ${k.page} was deflated, but is not in the balloon`,
  },
  'virtio/BALLOON-IMP-1': {
    where: OPERATION,
    text: 'A driver MUST make the buffers of all three balloon queues device-readable.',
    advice: 'Keep WRITE clear in every descriptor: the device answers by using the buffer.',
    on: ['pages', 'statistics'],
    kept: (k) => k.writable === 0,
    said: (k) =>
      `a ${k.queue === stats ? 'buffer of statistics' : 'request'} has ${bytesText(k.writable)} for the device to write`,
  },
  'virtio/BALLOON-IMP-2': {
    where: OPERATION,
    text: 'A driver MUST send whole 32-bit page numbers in an inflate or deflate request.',
    advice: 'Send an array of 32-bit page numbers, with a length of four times their count.',
    on: 'pages',
    kept: (k) => k.readable % PFN_BYTES === 0,
    said: (k) => `a request has ${bytesText(k.readable)} of page numbers, which have 4 each`,
  },
  'virtio/BALLOON-IMP-3': {
    where: OPERATION,
    text: 'A driver MUST put only RAM into the balloon, and number its pages by address divided by 4096, for every page size.',
    advice:
      'Send address / 4096 of pages that are RAM: not the address itself, and not the number of a larger page.',
    on: 'inflated',
    when: (k) => k.pageFault !== 'again',
    kept: (k) => k.pageFault !== 'no RAM',
    said: (k) => `page ${k.page} was put into the balloon, but is not RAM`,
  },
  'virtio/BALLOON-IMP-4': {
    where: OPERATION,
    text: 'A driver MUST NOT inflate a page that is already in the balloon.',
    advice: 'Mark a page when it goes into the balloon, and inflate it again only after it was deflated.',
    on: 'inflated',
    kept: (k) => k.pageFault !== 'again',
    said: (k) => `page ${k.page} was put into the balloon, but is already in it`,
  },
  'virtio/BALLOON-IMP-6': {
    where: 'virtio 1.4, Traditional Memory Balloon Device, Virtqueues',
    text: 'A driver MUST NOT use the statsq unless STATS_VQ was negotiated.',
    advice: 'Accept STATS_VQ (1) before you set up and kick the third queue.',
    on: 'attended',
    when: (k) => !k.statsAccepted,
    kept: (k) => k.queue !== stats,
    said: (k) => `${k.name} was kicked, without STATS_VQ`,
  },
} as const satisfies Rules<BalloonWatch>;

/** Watches a driver of the memory balloon. */
class BalloonWatch implements Partial<BalloonEvents> {
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
  /** How long it has been wrong, if the driver wrote nothing; 0 if it did. */
  silence: Nanos = 0;
  /** The access at which evidence about `actual` begins. */
  cause: Mark = 0;
  private readonly inside = new Set<number>();
  private pagesBefore = 0;
  private changedAt: Mark = 0;
  private changedSince: Nanos = 0;
  private readonly facts: VirtioFacts;
  private readonly memory: GuestMemory;
  private readonly journal: Journal;
  private readonly init: InitWatch;
  private readonly on;

  /** @param memory to see whether a page stayed as the device left it. */
  constructor(
    facts: VirtioFacts,
    memory: GuestMemory,
    journal: Journal,
    { init, outcome }: { readonly init: InitWatch; readonly outcome: OutcomeWatch },
  ) {
    this.facts = facts;
    this.memory = memory;
    this.journal = journal;
    this.init = init;
    this.on = new Watch(journal, { ...BALLOON, ...BALLOON_CONFIG }).on;
    journal.atEnd(() => {
      this.queue = -1;
      if (!outcome.isLive) return;
      this.checkSilence();
      this.checkInside();
    });
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
    this.pagesBefore = 0;
    this.forgiven = false;
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
    this.forgiven = actual === this.pagesBefore && actual !== this.pages;
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
    this.pagesBefore = this.pages;
    this.pages = pages;
    this.changedAt = this.journal.mark;
    this.changedSince = this.journal.now;
    const open = this.forgiven;
    this.forgiven = false;
    if (open) this.on.actual.tell(this);
  }

  pagesSent(queue: number, readable: number, writable: number): void {
    this.queue = queue;
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

  /** Pages that are in the balloon still, and that the driver uses. */
  private checkInside(): void {
    this.queue = BALLOON_QUEUE.inflate;
    this.wasInside = true;
    for (const page of this.inside) {
      this.page = page;
      this.found = this.firstNonZero(page);
      if (this.found !== null && this.found >= 0) this.on.ended.tell(this);
    }
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
 * @example
 * device.watchedBy(judgeBalloon(facts, memory, journal));
 */
export function judgeBalloon(facts: VirtioFacts, memory: GuestMemory, journal: Journal): BalloonEvents {
  const common = new VirtioWatches(facts, journal);
  return common.events<BalloonEvents>(BALLOON_EVENTS, [
    ...common.list,
    new BalloonWatch(facts, memory, journal, common),
    new StatisticsWatch(facts, journal),
  ]);
}
