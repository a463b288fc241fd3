import type { InterruptEvents } from '../chipset/events.ts';
import type { Nanos } from '../core/bits.ts';
import type { Clock } from '../core/clock.ts';
import { MisuseError } from '../core/misuse.ts';

/** Where interrupts come from: the local APIC, and behind it the 8259 pair. */
export interface InterruptSource {
  pending(): boolean;
  /** The CPU takes one: its vector. */
  accept(): number;
  /** What was accepted last, to ask `waitsForEoi` with. */
  readonly taken: number;
  waitsForEoi(taken: number): boolean;
}

/** What is left of a CPU when the guest's code is ours to call: the interrupt flag and the vectors. */
export class Cpu {
  /** Told of each interrupt taken. */
  onInterrupt: ((vector: number) => void) | null = null;
  /** Who watches the guest; null is nobody. */
  events: InterruptEvents | null = null;
  /** The interrupt flag: no handler runs while it is clear. */
  private enabled = false;
  private resets = 0;
  private readonly handlers: ((() => void) | null)[] = new Array<(() => void) | null>(256).fill(null);
  private readonly source: InterruptSource;
  private readonly clock: Clock;
  private readonly cost: Nanos;

  /** @param cost virtual time that taking an interrupt costs. */
  constructor(source: InterruptSource, clock: Clock, cost: Nanos) {
    this.source = source;
    this.clock = clock;
    this.cost = cost;
  }

  handle(vector: number, handler: () => void): void {
    if (!Number.isInteger(vector) || vector < 32 || vector > 255)
      throw new MisuseError('handle.vector', vector, 'an interrupt vector, 32 to 255');
    this.handlers[vector] = handler;
  }

  mask(): void {
    this.enabled = false;
  }

  unmask(): void {
    this.enabled = true;
  }

  /**
   * Takes what is pending, with interrupts off in each handler, as an interrupt gate does. Stops at time `end`.
   *
   * @returns whether there was any.
   */
  takeInterrupts(end: Nanos): boolean {
    let some = false;
    while (this.enabled && this.source.pending()) {
      some = true;
      const vector = this.source.accept();
      const { taken } = this.source;
      this.clock.pass(this.cost);
      this.onInterrupt?.(vector);
      if (!this.runHandler(vector)) return some;
      if (this.events !== null) this.events.returned(vector, !this.source.waitsForEoi(taken));
      if (this.clock.now >= end) return some;
    }
    return some;
  }

  /** False if the handler reset the CPU or threw: then nothing is known of how it ended. */
  private runHandler(vector: number): boolean {
    const { resets } = this;
    const { mishaps } = this.clock;
    let ended = false;
    this.enabled = false;
    mishaps.enter();
    try {
      this.handlers[vector]?.();
      ended = resets === this.resets;
    } catch (error) {
      mishaps.keep(error);
    } finally {
      mishaps.leave();
      // A handler that reset the CPU has nothing to return to.
      if (resets === this.resets) this.enabled = true;
    }
    return ended;
  }

  reset(): void {
    this.resets++;
    this.enabled = false;
    this.handlers.fill(null);
  }
}
