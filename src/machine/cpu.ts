import type { InterruptEvents } from '../chipset/events.ts';
import type { Nanos } from '../core/bits.ts';
import type { Clock } from '../core/clock.ts';
import { MisuseError } from '../core/misuse.ts';

/** The source of interrupts: the local APIC, and behind it the 8259 pair. */
export interface InterruptSource {
  pending(): boolean;
  /** The CPU acknowledges one. @returns its vector. */
  accept(): number;
  /** What was accepted last, to ask `waitsForEoi` with. */
  readonly taken: number;
  waitsForEoi(taken: number): boolean;
  /** The edge-triggered line of the 8259 pair that `taken` came by; -1 if there is none. */
  edgeOf(taken: number): number;
  /** Whether such a line stays up, so that no further interrupt comes by it. */
  isSpent(irq: number): boolean;
  /** Whether an EOI is needed for nothing but the local APIC, so that its host can do without. */
  canSkipEoi(taken: number): boolean;
  /** Ends what was accepted last: the guest has said so to its host. */
  endSkipped(): void;
  /** Ends what was accepted last, as the firmware's own handler does. */
  endAsFirmware(): void;
}

/** A host whose guest may skip an EOI. */
interface EoiHost {
  readonly skipsEois: boolean;
  /** Offers it for the interrupt that is about to be taken. */
  offerEoi(): void;
  /** @param ended there was an EOI nevertheless. @returns whether the guest took the offer. */
  tookEoi(ended: boolean): boolean;
}

/** Interrupts that the firmware serves one after the other: of a line that stays asserted there would be no end. */
const STORM = 100;

/** What is left of a CPU when the guest's code is called as handlers: the interrupt flag and the vectors. */
export class Cpu {
  /** Called for each interrupt taken. */
  onInterrupt: ((vector: number) => void) | null = null;
  /** Called when the guest has returned from the handler of the last interrupt; null is no listener. */
  onReturn: (() => void) | null = null;
  /** Called when a handler has returned without an access: it ends no storm; null is no listener. */
  onIdle: (() => void) | null = null;
  /** The watch of the guest's interrupts; null is no watch. */
  events: InterruptEvents | null = null;
  /** Whether a firmware handler serves `taken` where the guest has no handler; null is no firmware handler. */
  firmware: ((vector: number, taken: number) => boolean) | null = null;
  /** Null is no such host. */
  eoiHost: EoiHost | null = null;
  /** The interrupt flag: no handler runs while it is clear. */
  private enabled = false;
  /** It was set since the last reset. */
  wasEnabled = false;
  private resets = 0;
  /** The interrupt whose EOI may be skipped now; -1 for none. */
  private offered = -1;
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
      throw new MisuseError('handle.vector', vector, 'an interrupt vector from 32 to 255');
    this.handlers[vector] = handler;
  }

  handles(vector: number): boolean {
    return this.handlers[vector] !== null;
  }

  /** The guest waited in vain; `isQuiet`: it took none meanwhile. */
  waitedInVain(time: Nanos, isQuiet: boolean): void {
    this.events?.waitedInVain(time, isQuiet);
  }

  get takesInterrupts(): boolean {
    return this.enabled;
  }

  mask(): void {
    this.enabled = false;
  }

  unmask(): void {
    this.wasEnabled = true;
    this.enabled = true;
  }

  /**
   * Takes what is pending, with interrupts off in each handler, as an interrupt gate does. Stops at time `end`, and in a
   * storm that the firmware serves.
   *
   * @returns whether the guest took any; ticks that the firmware handles do not count.
   */
  takeInterrupts(end: Nanos): boolean {
    let some = false;
    let served = 0;
    while (this.enabled && this.isPending()) {
      const vector = this.source.accept();
      const { taken } = this.source;
      this.clock.pass(this.cost);
      this.onInterrupt?.(vector);
      if (!this.isFirmwares(vector, taken)) {
        some = true;
        if (!this.serve(vector, taken)) return some;
      } else if (++served === STORM) return some;
      if (this.clock.now >= end) return some;
    }
    return some;
  }

  /** An offer that a handler left open is over before another interrupt is taken: the word is one for all. */
  private isPending(): boolean {
    this.endOffer();
    return this.source.pending();
  }

  /** Whether the firmware has served it. */
  private isFirmwares(vector: number, taken: number): boolean {
    const handled = this.handlers[vector] !== null;
    const firmware = !handled && this.firmware?.(vector, taken) === true;
    if (this.events !== null) this.events.taken(vector, handled, firmware);
    if (firmware) this.source.endAsFirmware();
    return firmware;
  }

  /** False if it is unknown how the handler ended. */
  private serve(vector: number, taken: number): boolean {
    const { eoiHost, source } = this;
    if (eoiHost?.skipsEois === true && source.canSkipEoi(taken)) {
      eoiHost.offerEoi();
      this.offered = taken;
    }
    const { now } = this.clock;
    if (!this.runHandler(vector)) return false;
    if (this.clock.now === now) this.onIdle?.();
    if (this.offered === taken) this.endOffer();
    if (this.events !== null) this.tellReturned(this.events, vector, taken);
    return true;
  }

  /** The host looks whether the guest took an offer, if there is one: it is over. */
  endOffer(): void {
    const { source, offered } = this;
    if (offered < 0) return;
    this.offered = -1;
    const ended = !source.waitsForEoi(offered);
    if (this.eoiHost?.tookEoi(ended) === true && !ended) source.endSkipped();
  }

  private tellReturned(events: InterruptEvents, vector: number, taken: number): void {
    const { source } = this;
    const edge = source.edgeOf(taken);
    events.returned(vector, !source.waitsForEoi(taken), edge, edge >= 0 && source.isSpent(edge));
  }

  /** False if the handler reset the CPU or threw: then it is unknown how it ended. */
  private runHandler(vector: number): boolean {
    const { resets } = this;
    const { userCalls } = this.clock;
    let ended = false;
    this.enabled = false;
    userCalls.enter();
    try {
      this.handlers[vector]?.();
      ended = resets === this.resets;
    } catch (error) {
      userCalls.keep(error);
    } finally {
      userCalls.leave();
      // A handler that reset the CPU has nothing to return to.
      if (resets === this.resets) this.enabled = true;
      this.onReturn?.();
    }
    return ended;
  }

  reset(): void {
    this.resets++;
    this.enabled = this.wasEnabled = false;
    this.offered = -1;
    this.events?.reset();
    this.handlers.fill(null);
  }
}
