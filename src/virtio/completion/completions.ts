import type { Nanos } from '../../core/bits.ts';
import type { Board } from '../../core/board.ts';
import type { Timer } from '../../core/clock.ts';
import { InterruptShaper } from '../../core/interrupt-shaper.ts';
import type { GuestMemory } from '../../core/memory.ts';
import { Random } from '../../core/random.ts';
import type { InOrderRing, QueueHost } from '../queue/ring.ts';
import { type CompletionPlan, CompletionQueue } from './completion-queue.ts';
import type { CompletionPolicy } from './policy.ts';

/** The device that the completions belong to. */
export interface CompletionHost extends QueueHost {
  readonly name: string;
  readonly canReachMemory: boolean;
  readonly legacy: boolean;
  /** An interrupt of the configuration, of which nothing changed. */
  configInterrupt(): void;
}

/**
 * The completions of one device: a layer between it and its rings, with one timer for all. What is due while the device
 * cannot access memory waits for the next kick.
 *
 * @example
 * const completions = new Completions(device, { ...AT_ONCE, latency: [1000, 9000], order: 'random' });
 * const queue = completions.over(new SplitQueue(0, 256, completions));
 */
export class Completions implements QueueHost, CompletionPlan {
  readonly policy: CompletionPolicy;
  readonly board: Board;
  /** A random generator of its own, so that a policy does not change other choices of the seed. */
  readonly random: Random;
  private readonly host: CompletionHost;
  private readonly queues: CompletionQueue[] = [];
  private timer: Timer | null = null;

  constructor(host: CompletionHost, policy: CompletionPolicy) {
    this.host = host;
    this.policy = policy;
    this.board = host.board;
    this.random = new Random(seedOf(host.name, host.board.random.seed));
  }

  /** `ring` is made with these completions as its host, and replaced by the result. */
  over(ring: InOrderRing): CompletionQueue {
    const { index } = ring;
    const shaper = new InterruptShaper(this.policy.interrupts, this.random, {
      queue: () => this.host.queueInterrupt(index),
      config: () => this.host.configInterrupt(),
    });
    const queue = new CompletionQueue(ring, this, shaper);
    this.queues[index] = queue;
    return queue;
  }

  wake(at: Nanos): void {
    if (at === Number.POSITIVE_INFINITY) return;
    this.timer ??= this.board.clock.timer(`${this.host.name} completions`, () => this.run());
    if (at < this.timer.due) this.timer.armAt(at);
  }

  /** Publishes what is due. */
  run(): void {
    if (!this.canReachMemory) return;
    const { now } = this;
    for (const queue of this.queues) this.wake(queue.run(now));
  }

  /** Nothing waits to be published or reported. */
  get isIdle(): boolean {
    return this.queues.every((queue) => queue.isIdle);
  }

  /** Takes the timer off the clock. */
  close(): void {
    if (this.timer !== null) this.board.clock.remove(this.timer);
  }

  get canReachMemory(): boolean {
    return this.host.canReachMemory;
  }

  get now(): Nanos {
    return this.board.clock.now;
  }

  get memory(): GuestMemory {
    return this.board.memory;
  }

  queueInterrupt(index: number): void {
    this.queues[index]!.interrupted();
  }

  resumed(): void {
    this.run();
  }

  ringStopped(): void {
    this.host.ringStopped?.();
  }

  get eventIdx(): boolean {
    return this.host.eventIdx;
  }

  get indirect(): boolean {
    return this.host.indirect;
  }

  get inOrder(): boolean {
    return this.host.inOrder;
  }

  get legacy(): boolean {
    return this.host.legacy;
  }

  get manners(): CompletionHost['manners'] {
    return this.host.manners;
  }

  get notifyOnEmpty(): boolean {
    return this.host.notifyOnEmpty;
  }
}

function seedOf(name: string, seed: number): number {
  return [...name].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, seed);
}
