import type { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import { Watch } from '../../../core/watch.ts';
import { DEVICE_STATUS, FEATURE } from '../../../virtio/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { SUSPENSION, type SuspendKnows, type SuspendMoment, type SuspendStep } from './suspend.ts';

const { DRIVER_OK, SUSPEND } = DEVICE_STATUS.mask;

/** What is available in a queue now, as something to compare; null where there is no ring, or nobody sees it. */
type Availability = (queue: number) => string | null;

/** Watches a driver suspend a device, and take it into use again. */
export class SuspendWatch implements SuspendKnows {
  step: SuspendStep = 'working';
  deed = '';
  filled: readonly string[] = [];
  suspendedAt = 0;
  resumedAt = 0;
  /** Who knows the rings. */
  availability: Availability = () => null;
  private accepted: BitSet | null = null;
  private before: readonly (string | null)[] = [];
  private live = false;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private readonly on;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    const watch = new Watch<SuspendKnows, SuspendMoment>(journal, SUSPENSION);
    this.on = {
      resume: watch.at('resume'),
      kicked: watch.at('kicked'),
      configured: watch.at('configured'),
      resumed: watch.at('resumed'),
    };
  }

  get subject(): string {
    return this.facts.subject();
  }

  negotiated(accepted: BitSet): void {
    this.accepted = accepted;
  }

  /** Power came on, or the driver reset the device. */
  forget(): void {
    this.step = 'working';
    this.live = false;
  }

  /** A status other than 0 is being written. */
  statusWritten(value: number): void {
    if (this.accepted?.has(FEATURE.SUSPEND) !== true) return;
    if (this.step === 'working') {
      if (this.live && (value & SUSPEND) !== 0) this.suspends();
      if ((value & DRIVER_OK) !== 0) this.live = true;
    } else if (this.step === 'suspended' && (value & DRIVER_OK) !== 0) this.resumes();
    // The device still has DRIVER_OK itself: it is the driver that clears SUSPEND again.
    else if (this.step === 'suspending' && (value & SUSPEND) === 0) this.resumes();
  }

  statusRead(value: number): void {
    const state = value & (SUSPEND | DRIVER_OK);
    if (this.step === 'suspending' && state === SUSPEND) this.step = 'suspended';
    if (this.step !== 'resuming' || state !== DRIVER_OK) return;
    this.step = 'working';
    this.on.resumed.tell(this);
  }

  /** @returns whether it may be. */
  kicked(queue: number): boolean {
    if (this.step === 'working') return true;
    this.deed = `${this.facts.role(queue)} was kicked`;
    this.on.kicked.tell(this);
    return false;
  }

  configWritten(): void {
    if (this.step === 'working') return;
    this.deed = 'the device configuration was written';
    this.on.configured.tell(this);
  }

  private suspends(): void {
    this.step = 'suspending';
    this.suspendedAt = this.journal.mark;
    this.before = this.facts.queueSizes.map((_, queue) => this.availability(queue));
  }

  private resumes(): void {
    const { before } = this;
    this.resumedAt = this.journal.mark;
    const differs = (queue: number) => before[queue] != null && before[queue] !== this.availability(queue);
    this.filled = before.flatMap((_, queue) => (differs(queue) ? [this.facts.role(queue)] : []));
    this.on.resume.tell(this);
    this.step = 'resuming';
  }
}
