import type { Journal } from '../../../core/journal.ts';
import { Watch } from '../../../core/watch.ts';
import { DEVICE_STATUS } from '../../../virtio/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import type { InitWatch } from './init-watch.ts';
import { OUTCOME, type OutcomeKnows, type OutcomeMoment } from './outcome.ts';

const { DRIVER, DRIVER_OK, FAILED } = DEVICE_STATUS.mask;

/**
 * Watches what becomes of a device that broke down, or refused its driver something.
 *
 * @example
 * const outcome = new OutcomeWatch(facts, journal, init);
 * outcome.refuses('a vector');
 * outcome.ended(false);           // the run is over
 */
export class OutcomeWatch implements OutcomeKnows {
  broken = false;
  waiting = false;
  refused: string | null = null;
  since = 0;
  /** The run is over: a driver that resets instead has not left it. */
  private over = false;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly init: InitWatch;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal, init: InitWatch) {
    this.facts = facts;
    this.journal = journal;
    this.init = init;
    const watch = new Watch<OutcomeKnows, OutcomeMoment>(journal, OUTCOME);
    this.on = { ended: watch.at('ended'), reset: watch.at('reset') };
  }

  get subject(): string {
    return this.facts.subject();
  }

  get offersLess(): boolean {
    return this.init.offerRead && this.facts.offersLess?.() === true;
  }

  get left(): boolean {
    return this.over && (this.init.before & (DRIVER | DRIVER_OK | FAILED)) === DRIVER;
  }

  get bare(): boolean {
    return !this.init.anyQueue;
  }

  brokeDown(): void {
    this.broken = true;
    this.since = this.journal.mark;
  }

  refuses(what: string): void {
    this.refused = what;
    this.since = this.journal.mark;
  }

  ended(waiting: boolean): void {
    this.waiting = waiting;
    this.over = true;
    this.on.ended.tell(this);
    this.over = this.waiting = false;
  }

  /** The driver resets the device. */
  reset(): void {
    this.on.reset.tell(this);
    this.forget();
  }

  /** Power came on, or the platform was reset. */
  forget(): void {
    this.broken = false;
    this.refused = null;
  }
}
