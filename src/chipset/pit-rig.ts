import { Line } from '../core/line.ts';
import { Rig } from '../core/rig.ts';
import { Pit8254 } from './pit8254.ts';
import { Port61 } from './port61.ts';
import { timeOf } from './ticks.ts';

const HERTZ = 1_193_182;
const OUT2 = 0x20;

/** For tests: an 8254 and port 61 at their ports. */
export class PitRig extends Rig {
  readonly irq0 = new Line('irq0');
  readonly pit = new Pit8254('pit', this.board, this.irq0.source('pit'));
  private ticks = 0;

  constructor() {
    super();
    this.ports.map(0x40, this.pit, 'bridge');
    this.ports.map(0x61, new Port61(this.pit), 'bridge');
  }

  in(port: number): number {
    return this.ports.read(port, 1);
  }

  out(port: number, ...values: number[]): void {
    for (const value of values) this.ports.write(port, value, 1);
  }

  /** Advances by so many CLK pulses. */
  pass(pulses: number): this {
    this.ticks += pulses;
    this.clock.advance(timeOf(this.ticks, HERTZ) - this.clock.now);
    return this;
  }

  set gate2(gate: boolean) {
    this.out(0x61, gate ? 1 : 0);
  }

  /** OUT of counter 2 now and after each of the next `pulses`, a digit each. */
  wave(pulses: number): string {
    let wave = '';
    for (let i = 0; i <= pulses; i++) {
      wave += this.in(0x61) & OUT2 ? '1' : '0';
      if (i < pulses) this.pass(1);
    }
    return wave;
  }

  /** The current count of `counter`, by the latch command; low byte first. */
  count(counter: number): number {
    this.out(0x43, counter << 6);
    return this.in(0x40 + counter) | (this.in(0x40 + counter) << 8);
  }

  /** The count of counter 2 now and after each of the next `pulses`. */
  counts(pulses: number): number[] {
    return Array.from({ length: pulses + 1 }, (_, i) => this.pass(i === 0 ? 0 : 1).count(2));
  }

  /** Status of `counter`, by the read-back command. */
  status(counter: number): number {
    this.out(0x43, 0xe0 | (2 << counter));
    return this.in(0x40 + counter);
  }
}
