import type { Mark } from '../../../core/access.ts';
import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import type { VirtioEvents } from '../../../virtio/events.ts';
import { DEVICE_STATUS } from '../../../virtio/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import type { InitWatch } from './init-watch.ts';

const { DRIVER, DRIVER_OK, FAILED } = DEVICE_STATUS.mask;

/** No access. */
const NEVER: Mark = -1;

const INITIALIZATION = 'virtio 1.4, Device Initialization';

/** Clauses by whose breach a device breaks down. */
const BREAKING = [
  'virtio/PACKED-IMP-8',
  'virtio/PACKED-IMP-15',
  'virtio/PACKED-IND-D4',
  'virtio/PACKED-SG-D2',
  'virtio/PACKED-SG-D3',
  'virtio/PACKED-SG-D6',
  'virtio/RFEAT-D3',
  'virtio/RFEAT-D4',
  'virtio/VQ-AVAIL-D1',
  'virtio/VQ-DESC-D1',
  'virtio/VQ-FRAME-D1',
  'virtio/VQ-IMP-3',
  'virtio/VQ-IMP-13',
  'virtio/VQ-IMP-21',
  'virtio/VQ-IND-D2',
  'virtio/VQ-IND-D3',
  'virtio/VQ-SPLIT-D1',
] as const;

/** Rules of how a driver leaves a device that broke down, refused something, or lacks features. */
export const OUTCOME = {
  'virtio/STATUS-D4': {
    where: 'virtio 1.4, Device Status Field',
    text: 'A driver SHOULD NOT rely on requests completing while DEVICE_NEEDS_RESET is set.',
    advice:
      'Check for DEVICE_NEEDS_RESET on a configuration interrupt and while you wait, then reset the device.',
    on: ['ended', 'reset'],
    when: (k) => k.broken,
    kept: (k) => !k.waiting || !k.askedLast,
    said: () => 'the device broke down, but the driver waited forever and did not reset it',
    since: (k) => k.since,
    follows: BREAKING,
  },
  'virtio/INIT-D11': {
    where: INITIALIZATION,
    text: 'A driver SHOULD set FAILED if a step of initialisation fails irrecoverably.',
    advice: 'Set FAILED (80h) before giving up, or reset the device.',
    on: ['ended', 'reset'],
    when: (k) => k.refused !== null,
    kept: (k) => !k.left,
    said: (k) => `the device refused ${k.refused}, but was left without DRIVER_OK and without FAILED`,
    since: (k) => k.since,
  },
  'virtio/FEAT-D10': {
    where: 'virtio 1.4, Feature Bits',
    text: 'A driver MUST set FAILED and stop initialising if it has no fallback for a feature that is not offered.',
    advice: 'Set FAILED (80h) if the device does not offer what the driver needs.',
    on: ['ended', 'reset'],
    when: (k) => k.offersLess && k.refused === null,
    kept: (k) => !k.left || !k.bare,
    said: () =>
      'the device offers less than its driver wants, but was left without DRIVER_OK and without FAILED',
    since: (k) => k.since,
  },
} as const satisfies Rules<OutcomeWatch>;

/** Devices of a machine that broke down and were not reset. A driver that waits for ever waits for one of them. */
const BROKEN = new WeakMap<Journal, Set<OutcomeWatch>>();

/**
 * Watches how a driver leaves a device that broke down, or refused it something.
 *
 * @example
 * const outcome = new OutcomeWatch(facts, journal, init);
 * outcome.vectorRefused();
 * outcome.ended(false);           // the run is over
 */
export class OutcomeWatch implements Partial<VirtioEvents> {
  /** The device broke down, and was not reset. */
  broken = false;
  /** The run is over, and the driver would have waited forever. */
  waiting = false;
  /** What the device refused: `a vector`; null is nothing. */
  refused: string | null = null;
  since = 0;
  /** The last kick, its queue, and whether bus mastering was on. */
  askedAt: Mark = NEVER;
  queue = 0;
  open = true;
  /** The run is over. A driver that resets the device before that has not left it. */
  private over = false;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly init: InitWatch;
  private readonly others: Set<OutcomeWatch>;
  /** `ended`: the run is over; `reset`: the driver resets the device. */
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal, init: InitWatch) {
    this.facts = facts;
    this.journal = journal;
    this.init = init;
    this.others = BROKEN.get(journal) ?? new Set();
    BROKEN.set(journal, this.others);
    this.on = new Watch(journal, OUTCOME).on;
    journal.atEnd((waiting) => this.ended(waiting));
  }

  get subject(): string {
    return this.facts.subject();
  }

  /** The device serves its queues. */
  get isLive(): boolean {
    return !this.broken && (this.init.before & (DRIVER_OK | FAILED)) === DRIVER_OK;
  }

  /** The device offers less than others of its kind, and the driver has read the offer. */
  get offersLess(): boolean {
    return this.init.offerRead && this.facts.offersLess?.() === true;
  }

  /** The driver set DRIVER, and then neither DRIVER_OK nor FAILED. */
  get left(): boolean {
    return this.over && (this.init.before & (DRIVER | DRIVER_OK | FAILED)) === DRIVER;
  }

  /** No queue is set up. */
  get bare(): boolean {
    return !this.init.anyQueue;
  }

  /** Of the devices that broke down, the driver kicked this one last. It waits for none that it never kicked. */
  get askedLast(): boolean {
    if (this.askedAt === NEVER) return false;
    for (const other of this.others) if (other.askedAt > this.askedAt) return false;
    return true;
  }

  kicked(queue: number, open: boolean): void {
    this.askedAt = this.journal.mark;
    this.queue = queue;
    this.open = open;
  }

  brokeDown(): void {
    this.broken = true;
    this.others.add(this);
    this.since = this.journal.mark;
  }

  vectorRefused(): void {
    this.refuses('a vector');
  }

  statusChanged(_status: number, dropped: number): void {
    if (dropped !== 0) this.refuses('FEATURES_OK');
  }

  ended(waiting: boolean): void {
    this.waiting = waiting;
    this.over = true;
    this.on.ended.tell(this);
    this.over = this.waiting = false;
  }

  reset(powered: boolean): void {
    if (!powered) this.on.reset.tell(this);
    this.broken = false;
    this.others.delete(this);
    this.askedAt = NEVER;
    this.refused = null;
  }

  private refuses(what: string): void {
    this.refused = what;
    this.since = this.journal.mark;
  }
}
