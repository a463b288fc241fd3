import type { Nanos } from './bits.ts';
import type { Random } from './random.ts';

/** What happens to the interrupts that a driver asked for. */
export interface InterruptPolicy {
  /** One for so many, or this long after the first waiting one; null sends each. */
  readonly coalesce: { readonly interrupts: number; readonly within: Nanos } | null;
  /** One publication in so many, at random, is followed by a spurious interrupt; 0 is none. */
  readonly spurious: number;
  /** One in so many, at random, comes with one of the configuration, of which nothing changed; 0 is none. */
  readonly configuration: number;
  /** One interrupt in so many, at random, is lost; 0 is none. No device may do that: it is an injected fault. */
  readonly lost: number;
}

const NEVER = Number.POSITIVE_INFINITY;
/** The maximum delay of a spurious interrupt after the publication that was chosen for it. */
const SPURIOUS_WITHIN: Nanos = 100_000;

/** Send an interrupt of the queue, and one of the configuration. */
interface Senders {
  readonly queue: () => void;
  readonly config: () => void;
}

/** A layer between a queue's interrupts and what sends them: delays, adds or drops them. */
export class InterruptShaper {
  private readonly policy: InterruptPolicy;
  private readonly random: Random;
  private readonly send: Senders;
  private waiting = 0;
  private due: Nanos = NEVER;
  private spuriousDue: Nanos = NEVER;
  /** The driver has wanted an interrupt: one that always polls, as a BIOS does, has no handler. */
  private listens = false;

  constructor(policy: InterruptPolicy, random: Random, send: Senders) {
    this.policy = policy;
    this.random = random;
    this.send = send;
  }

  /** The queue published, whether the driver wants an interrupt or not. */
  published(now: Nanos): void {
    const { spurious } = this.policy;
    if (this.listens && this.spuriousDue === NEVER && this.happens(spurious))
      this.spuriousDue = now + 1 + this.random.below(SPURIOUS_WITHIN);
  }

  /** The driver wants an interrupt. */
  wanted(now: Nanos): void {
    const { coalesce } = this.policy;
    this.listens = true;
    this.waiting++;
    if (coalesce === null || this.waiting >= coalesce.interrupts) this.sendWanted();
    else if (this.waiting === 1) this.due = now + coalesce.within;
  }

  /** Sends what is due; returns the next due time. */
  run(now: Nanos): Nanos {
    if (this.due <= now) this.sendWanted();
    if (this.spuriousDue <= now) {
      this.spuriousDue = NEVER;
      this.send.queue();
    }
    return Math.min(this.due, this.spuriousDue);
  }

  /** Whether no wanted interrupt waits. */
  get isIdle(): boolean {
    return this.due === NEVER;
  }

  forget(): void {
    this.listens = false;
    this.waiting = 0;
    this.due = this.spuriousDue = NEVER;
  }

  private sendWanted(): void {
    this.waiting = 0;
    this.due = NEVER;
    if (this.happens(this.policy.lost)) return;
    if (this.happens(this.policy.configuration)) this.send.config();
    this.send.queue();
  }

  private happens(oneIn: number): boolean {
    return oneIn > 0 && this.random.below(oneIn) === 0;
  }
}
