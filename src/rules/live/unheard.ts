import type { InterruptEvents } from '../../chipset/events.ts';
import type { Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';

/** Virtual nanoseconds that a driver waits for an interrupt before it is told: 50 ms. */
const LONG: Nanos = 50_000_000;
const VECTORS = 256;

/** Rules of interrupts that do not come. */
export const UNHEARD = {
  'live/UNHEARD': {
    where: '8259A, OCW1; 82093AA, Interrupt Mask; Intel SDM volume 3, Task Priority',
    text: 'A driver MUST let an interrupt through to the processor if it has a handler for it and waits.',
    advice:
      'Clear the bit of the line in OCW1, or bit 16 of the entry of its pin or of the local vector table; keep TPR below the vector, and set the interrupt flag.',
    on: ['taken', 'ended'],
    kept: (k) => k.held === null,
    said: (k) => `its handler was never called: ${k.held!.said}`,
    follows: ['pic/CASCADE-CLOSED'],
    apart: (k) => k.held?.said.includes('the cascade') !== true,
  },
} as const satisfies Rules<UnheardWatch>;

/** An interrupt that does not come: its vector, and why. */
interface Held {
  readonly vector: number;
  readonly said: string;
}

/** What a watch must know of the processor and the interrupt controllers. */
interface UnheardFacts {
  /** Whether the guest has a handler for the vector. */
  handles(vector: number): boolean;
  /**
   * What keeps back an interrupt for which there is a handler that was never called; `isTicking`: others come, and that of a
   * timer is none of these, for another timer may tick in its stead.
   */
  heldBack(handles: (vector: number) => boolean, isTicking: boolean): Held | null;
}

/**
 * Watches whether interrupts come for which a driver waits. A driver that waits in vain may just let time pass: it is told
 * once the run is over, and the handler was never called.
 *
 * @example
 * cpu.events = new UnheardWatch(facts, journal);
 */
export class UnheardWatch implements Partial<InterruptEvents> {
  held: Held | null = null;
  private readonly calls = new Uint8Array(VECTORS);
  private readonly facts: UnheardFacts;
  private readonly journal: Journal;
  /** The one that was held back while the driver waited. */
  private last: Held | null = null;
  /** The same, while others came. */
  private beside: Held | null = null;
  /** `taken`: an interrupt came. `ended`: the run is over. */
  private readonly on;

  constructor(facts: UnheardFacts, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.on = new Watch(journal, UNHEARD).on;
    journal.atEnd(() => this.ended());
  }

  get subject(): string {
    return `interrupt vector ${(this.held?.vector ?? 0).toString(16).padStart(2, '0')}`;
  }

  taken(vector: number, handled: boolean): void {
    if (this.journal.quiet || !handled) return;
    this.calls[vector] = 1;
    if (this.last?.vector === vector) this.last = null;
    if (this.beside?.vector === vector) this.beside = null;
    this.on.taken.tell(this);
  }

  waitedInVain(time: Nanos, isQuiet: boolean): void {
    if (this.journal.quiet || time < LONG) return;
    if (isQuiet) this.last = this.heldNow(false);
    else this.beside = this.heldNow(true);
  }

  reset(): void {
    this.last = this.beside = null;
    this.calls.fill(0);
  }

  private isAwaited(vector: number): boolean {
    return this.facts.handles(vector) && this.calls[vector] === 0;
  }

  private heldNow(isTicking: boolean): Held | null {
    return this.facts.heldBack((vector) => this.isAwaited(vector), isTicking);
  }

  /** One that was held back while others came, and still is: a driver may have served the device by polling. */
  private get stillHeld(): Held | null {
    const { beside } = this;
    const held = beside === null ? null : this.heldNow(true);
    return held?.vector === beside?.vector ? held : null;
  }

  /** The run is over. */
  ended(): void {
    this.held = this.last ?? this.stillHeld;
    if (this.held !== null) this.on.ended.tell(this);
    this.held = null;
  }
}
