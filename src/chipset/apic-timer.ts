import type { Nanos } from '../core/bits.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { CURRENT_COUNT, DIVIDE, INITIAL_COUNT } from './registers/local-apic.ts';

/** KVM's bus clock: 1 GHz, a tick a nanosecond. */
const TICK: Nanos = 1;
/** Minimum period: KVM's limit, which keeps a faulty guest from stopping time. */
const SHORTEST_PERIOD: Nanos = 200_000;
const { B1_0, B3 } = DIVIDE.mask;

/**
 * The local APIC's timer, exact on the virtual clock: one-shot or periodic, without TSC deadlines. The count is computed
 * when it is read.
 * Source: Intel SDM volume 3, APIC Timer.
 */
export class ApicTimer {
  private readonly clock: Clock;
  private readonly timer: Timer;
  private readonly expired: () => void;
  private periodic = false;
  private initialCount = 0;
  /** It counted down once and stays at 0, whatever its mode, until the count is written again. */
  private isOver = false;
  private divide = DIVIDE.reset;
  /** Times that it has counted down since the count was written. */
  private rounds = 0;
  private start: Nanos = 0;

  constructor(name: string, clock: Clock, expired: () => void) {
    this.clock = clock;
    this.expired = expired;
    this.timer = clock.timer(name, () => this.fire(), { ticks: true });
  }

  /** It has counted down at least once since the count was written. */
  get hasExpired(): boolean {
    return this.rounds > 0;
  }

  /** @param offset of a register, in the APIC's page. */
  read(offset: number): number {
    if (offset === INITIAL_COUNT.offset) return this.initialCount;
    if (offset === CURRENT_COUNT.offset) return this.current();
    return offset === DIVIDE.offset ? this.divide : 0;
  }

  write(offset: number, value: number): void {
    if (offset === DIVIDE.offset) this.setDivide(value);
    if (offset !== INITIAL_COUNT.offset) return;
    this.initialCount = value;
    this.isOver = false;
    this.rounds = 0;
    this.start = this.clock.now;
    this.arm();
  }

  /** TIMER_MODE of the local vector table: 0 one-shot, 1 periodic, others do not count. */
  set mode(mode: number) {
    this.periodic = mode === 1;
    if (mode > 1) this.initialCount = 0;
    this.arm();
  }

  reset(): void {
    this.periodic = false;
    this.initialCount = 0;
    this.divide = DIVIDE.reset;
    this.isOver = false;
    this.rounds = 0;
    this.timer.disarm();
  }

  close(): void {
    this.clock.remove(this.timer);
  }

  private current(): number {
    const { initialCount } = this;
    if (initialCount === 0 || this.isOver) return 0;
    const elapsed = Math.floor((this.clock.now - this.start) / this.tick());
    if (this.periodic) return initialCount - (elapsed % initialCount);
    // A short period that was lengthened may be past its count.
    return Math.max(0, initialCount - elapsed);
  }

  /** The remaining count continues at the new rate. */
  private setDivide(value: number): void {
    const elapsed = this.initialCount - this.current();
    this.divide = DIVIDE.write(0, value);
    this.start = this.clock.now - elapsed * this.tick();
    this.arm();
  }

  /** Nanoseconds per count: bits 3, 1 and 0 of the register are 0 for 2, 1 for 4, and so on; 7 for 1. */
  private tick(): Nanos {
    const code = (this.divide & B1_0) | ((this.divide & B3) >> 1);
    return TICK << ((code + 1) & 7);
  }

  private arm(): void {
    const due = this.start + this.span();
    if (this.initialCount === 0 || this.isOver) this.timer.disarm();
    else this.timer.armAt(due);
  }

  private span(): Nanos {
    const span = this.initialCount * this.tick();
    return this.periodic ? Math.max(span, SHORTEST_PERIOD) : span;
  }

  private fire(): void {
    this.start += this.span();
    this.isOver = !this.periodic;
    this.rounds++;
    this.arm();
    this.expired();
  }
}
