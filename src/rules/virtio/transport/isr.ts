import type { Mark } from '../../../core/access.ts';
import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import type { VirtioEvents } from '../../../virtio/events.ts';
import { ISR_STATUS } from '../../../virtio/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { LONG } from '../stores/turns.ts';

const { QUEUE, CONFIG } = ISR_STATUS.mask;
const BOTH = QUEUE | CONFIG;
const NEVER = -1;
const MILLISECOND = 1_000_000;

/** Rules of what a driver does with ISR. */
export const ISR_RULES = {
  'virtio/PCI-ISR-IMP-1': {
    where: 'virtio 1.4, ISR status capability',
    text: 'A driver MUST serve both bits of ISR, each by itself: bit 0 is for its queues, bit 1 for the configuration.',
    advice:
      'Keep the value that was read, for reading clears it: look into every queue if bit 0 is set, and at the configuration if bit 1 is. Do not compare the whole value with 1.',
    on: 'read',
    kept: (k) => k.lost === null,
    said: (k) => k.lost!,
    since: (k) => k.readAt,
  },
} as const satisfies Rules<IsrWatch>;

type Facts = Pick<VirtioFacts, 'subject' | 'queueSizes' | 'stores'>;

/** What a driver does about one bit of ISR. */
class Served {
  /** A driver was seen to act on the bit at once, where it reads ISR. */
  isKnown = false;
  at: Nanos = NEVER;
  mark: Mark = 0;
  value = 0;
  /** The interrupt handler that read ISR; 0 if none did. */
  handler = 0;
  private acts = 0;

  /** ISR was read with the bit set. One that was not served yet is what the driver waits for. */
  read(value: number, acts: number, { now, mark, handler }: Journal): void {
    if (this.at !== NEVER) return;
    this.value = value;
    this.acts = acts;
    this.at = now;
    this.mark = mark;
    this.handler = handler;
  }

  /** @param actedIn the last handler in which the driver acted. @returns whether it has acted since ISR was read. */
  acted(acts: number, actedIn: number): boolean {
    if (this.at === NEVER || acts === this.acts) return false;
    if (this.handler === 0 || this.handler === actedIn) this.isKnown = true;
    this.at = NEVER;
    return true;
  }

  /** For how long it has not; 0 if it has nothing to do. */
  since(now: Nanos): Nanos {
    return this.at === NEVER ? 0 : now - this.at;
  }
}

/**
 * Watches whether a driver serves its queues, and the configuration, as ISR says when it reads it. One that reads ISR
 * in its handler and looks elsewhere is not judged, nor one whose looks are not seen.
 */
export class IsrWatch implements Partial<VirtioEvents> {
  /** What the driver did not do about ISR, in words; null for nothing. */
  lost: string | null = null;
  readAt: Mark = 0;
  private msix = false;
  private readonly queues = new Served();
  private readonly configuration = new Served();
  private configReads = 0;
  private configReadIn = 0;
  private readonly facts: Facts;
  private readonly journal: Journal;
  private readonly on;

  constructor(facts: Facts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.on = new Watch(journal, ISR_RULES).on;
    journal.atEnd((waiting) => this.settle(waiting));
  }

  get subject(): string {
    return this.facts.subject();
  }

  msixSwitched(msix: boolean): void {
    this.msix = msix;
  }

  reset(): void {
    this.settle(false);
    this.queues.at = this.configuration.at = NEVER;
  }

  configAccessed(): void {
    this.configReads++;
    this.configReadIn = this.journal.handler;
  }

  isrTaken(value: number): void {
    const { stores } = this.facts;
    this.settle(false);
    if (this.msix || stores === undefined || !stores.seesLoads || this.journal.quiet) return;
    if ((value & QUEUE) !== 0 && this.isAwaited) this.queues.read(value, stores.looks, this.journal);
    if ((value & CONFIG) !== 0) this.configuration.read(value, this.configReads, this.journal);
  }

  /** What a driver that came to no end did not do, in words; null for nothing. */
  get suspicion(): string | null {
    const { stores } = this.facts;
    this.queues.acted(stores?.looks ?? 0, 0);
    return this.queues.since(this.journal.now) >= LONG && this.isAwaited
      ? this.text(this.queues, 'looked into no queue')
      : null;
  }

  /** The device has used what the driver asked to be interrupted for, and has not seen. */
  private get isAwaited(): boolean {
    const { stores, queueSizes } = this.facts;
    return queueSizes.some((_, queue) => stores!.hasUnseen(queue) && stores!.asks(queue));
  }

  private settle(waiting: boolean): void {
    const { facts, queues, configuration, journal } = this;
    const { stores } = facts;
    if (stores === undefined) return;
    if (queues.acted(stores.looks, stores.lookedIn)) this.on.read.tell(this);
    if (configuration.acted(this.configReads, this.configReadIn)) this.on.read.tell(this);
    const isJudged = queues.isKnown || (waiting && queues.handler !== 0);
    if (isJudged && queues.since(journal.now) >= LONG && this.isAwaited)
      this.tell(queues, 'looked into no queue');
    const isLate = configuration.since(journal.now) >= LONG && configuration.value === BOTH;
    if (configuration.isKnown && isLate) this.tell(configuration, 'did not read the configuration');
    else if (configuration.value !== BOTH) configuration.at = NEVER;
  }

  private tell(served: Served, what: string): void {
    this.lost = this.text(served, what);
    this.readAt = served.mark;
    this.on.read.tell(this);
    this.lost = null;
    served.at = NEVER;
  }

  private text(served: Served, what: string): string {
    const ms = Math.floor(served.since(this.journal.now) / MILLISECOND);
    return `ISR was read as ${served.value}, which cleared it, and the driver ${what} for ${ms} ms after that`;
  }
}
