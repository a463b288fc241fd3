import type { Described, Region } from '../core/access.ts';
import type { Board } from '../core/board.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { Wire } from '../core/line.ts';
import { registerText } from '../core/register-block.ts';
import type { PitEvents } from './events.ts';
import { PitCounter } from './pit-counter.ts';
import { COUNT, RBC, TCW } from './registers/pit.ts';
import { ticksIn, timeOf } from './ticks.ts';

/** A third of the PM timer's frequency, less a third of a hertz, as on every PC. */
export const PIT_HERTZ = 1_193_182;
/** Minimum interval of IRQ 0 edges, 200 µs: KVM's limit, which keeps a faulty guest from stopping time. */
const SHORTEST_PERIOD = 239;
const READ_BACK = 3;
const { SC: SC_AT } = TCW.shift;
const { COUNTERS: COUNTERS_AT } = RBC.shift;

/**
 * The three counters of the 8254, exactly at 1.193182 MHz of virtual time. OUT of counter 0 is IRQ 0; counter 2 has a
 * gate and an output at port 61. Only edges of counter 0 use a timer of the clock. The content at power-on is undefined
 * on the chip; here no counter counts before its first control word.
 * Source: Intel 82C54 data sheet (231244); 82371AB, Timer/Counter Registers.
 *
 * @example
 * const pit = new Pit8254('pit', board, irqs[0].source('pit'));
 * ports.map(0x40, pit, 'bridge');
 * ports.write(0x43, 0x34, 1);              // counter 0, low byte then high byte, mode 2
 * ports.write(0x40, 0x9c, 1);
 * ports.write(0x40, 0x2e, 1);              // 11,932: IRQ 0 goes up 100 times a second
 * pit.out2;
 * pit.close();
 */
export class Pit8254 implements Region {
  readonly name: string;
  readonly size = 4;
  readonly widths = 1;
  /** The watcher of the guest; null for none. */
  events: PitEvents | null = null;
  private readonly counters = [new PitCounter(), new PitCounter(), new PitCounter()] as const;
  private readonly clock: Clock;
  private readonly timer: Timer;
  private readonly irq: Wire;

  constructor(name: string, board: Board, irq: Wire) {
    this.name = name;
    this.clock = board.clock;
    this.irq = irq;
    this.timer = board.clock.timer(name, () => this.follow(), { ticks: true });
  }

  /** Port 61 is read. */
  outputRead(): void {
    this.events?.outputRead(this.counters[2].isStalled(this.now()));
  }

  /** OUT of counter 2. */
  get out2(): boolean {
    return this.counters[2].out(this.now());
  }

  set gate2(gate: boolean) {
    this.counters[2].setGate(this.now(), gate);
  }

  /** CLK pulses since virtual time began. */
  now(): number {
    return ticksIn(this.clock.now, PIT_HERTZ);
  }

  /** The control word cannot be read. */
  read(offset: number): number {
    const counter = this.counters[offset];
    if (counter === undefined) return 0;
    const now = this.now();
    this.events?.counted(offset, counter.isWhole, counter.isSteady(now));
    return counter.readByte(now);
  }

  write(offset: number, value: number): void {
    const now = this.now();
    const counter = this.counters[offset];
    if (counter === undefined) this.command(now, value);
    else {
      counter.writeByte(now, value);
      this.events?.written(
        offset,
        counter.halfWritten,
        counter.mode,
        counter.written,
        counter.isUndecimal,
        counter.isWhole,
      );
    }
    this.follow();
  }

  describe(access: Described): string {
    const { offset, value } = access;
    if (offset < TCW.offset) return `${this.name} ${offset} ${registerText(COUNT, access)}`;
    return `${this.name} ${registerText((value ?? 0) >> SC_AT === READ_BACK ? RBC : TCW, access)}`;
  }

  close(): void {
    this.irq.set(false);
    this.clock.remove(this.timer);
  }

  private command(now: number, value: number): void {
    const chosen = value >> SC_AT;
    if (this.events !== null) this.tell(this.events, value);
    if (chosen === READ_BACK) this.readBack(now, value);
    else if (value & TCW.mask.RW) {
      this.counters[chosen]!.setControl(now, value);
      this.events?.controlled(chosen, this.counters[chosen]!.mode);
    } else this.counters[chosen]!.latchCount(now);
  }

  /** Reports each counter that a control word or a command addresses. */
  private tell(events: PitEvents, value: number): void {
    const chosen = value >> SC_AT;
    const latches = chosen === READ_BACK ? (value & RBC.mask.NO_COUNT) === 0 : (value & TCW.mask.RW) === 0;
    for (const [n, { halfRead, halfWritten, isLatched }] of this.counters.entries())
      if (chosen === n || (chosen === READ_BACK && (value & (1 << (COUNTERS_AT + n))) !== 0))
        events.commanded(n, halfRead, halfWritten, latches && isLatched && !halfRead);
  }

  private readBack(now: number, value: number): void {
    for (const [n, counter] of this.counters.entries()) {
      if ((value & (1 << (COUNTERS_AT + n))) === 0) continue;
      if ((value & RBC.mask.NO_COUNT) === 0) counter.latchCount(now);
      if ((value & RBC.mask.NO_STATUS) === 0) counter.latchStatus(now);
    }
  }

  /** Drives IRQ 0, and sets the timer for the next edge. */
  private follow(): void {
    const now = this.now();
    const [counter] = this.counters;
    this.irq.set(counter.out(now));
    const next = counter.nextChange(now, SHORTEST_PERIOD);
    if (next === Number.POSITIVE_INFINITY) this.timer.disarm();
    else this.timer.armAt(timeOf(next, PIT_HERTZ));
  }
}
