import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { Watch } from '../../../core/watch.ts';
import type { RngEvents } from '../../../virtio/rng/events.ts';
import type { VirtioFacts } from '../facts.ts';
import { VirtioWatch } from '../virtio-watch.ts';
import { RNG, type RngKnows, type RngMoment } from './rng.ts';

const REQUESTQ = 0;

/**
 * Watches a driver of the entropy device.
 *
 * @example
 * device.watchedBy(new RngWatch(facts, journal));
 */
export class RngWatch extends VirtioWatch implements RngEvents, RngKnows {
  readable = 0;
  writable = 0;
  private readonly onAsked;

  constructor(facts: VirtioFacts, journal: Journal) {
    super(facts, journal);
    this.onAsked = new Watch<RngKnows, RngMoment>(journal, RNG).at('asked');
  }

  get subject(): string {
    return this.facts.queueName(REQUESTQ);
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(REQUESTQ) ?? null;
  }

  asked(readable: number, writable: number): void {
    this.readable = readable;
    this.writable = writable;
    this.onAsked.tell(this);
  }
}
