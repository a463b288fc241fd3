import { bytesText } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import { RNG_EVENTS, type RngEvents } from '../../../virtio/rng/events.ts';
import type { VirtioFacts } from '../facts.ts';
import { VirtioWatches } from '../watches.ts';

const REQUESTQ = 0;

/** Rules for a driver of the entropy device. */
export const RNG = {
  'virtio/RNG-OP-D1': {
    where: 'virtio 1.4, Entropy Device, Device Operation',
    text: 'A driver MUST NOT put a device-readable buffer into the requestq.',
    advice: 'Set WRITE in every descriptor: the device has nothing to read.',
    on: 'asked',
    kept: (k) => k.readable === 0,
    said: (k) => `a buffer has ${bytesText(k.readable)} for the device to read, and ${k.writable} to write`,
  },
} as const satisfies Rules<RngWatch>;

/** Watches a driver of the entropy device. */
class RngWatch implements Partial<RngEvents> {
  readable = 0;
  writable = 0;
  private readonly facts: VirtioFacts;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    this.on = new Watch(journal, RNG).on;
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
    this.on.asked.tell(this);
  }
}

/** Judges a driver of the entropy device. */
export function judgeRng(facts: VirtioFacts, journal: Journal): RngEvents {
  const common = new VirtioWatches(facts, journal);
  return common.events<RngEvents>(RNG_EVENTS, [...common.list, new RngWatch(facts, journal)]);
}
