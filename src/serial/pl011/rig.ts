import type { Nanos, Width } from '../../core/bits.ts';
import { Line } from '../../core/line.ts';
import { Rig as BoardRig } from '../../core/rig.ts';
import { judgePl011 } from '../../rules/serial/pl011.ts';
import { SerialText } from '../endpoint.ts';
import { Pl011, type Pl011Manners } from './pl011.ts';
import { GENERIC_UART, PL011_ONLY } from './registers.ts';

const BASE = 0x0900_0000;
const ACCESS: Nanos = 1000;
/** Ten bits, each of 16 × (13 + 1/64) periods of 24 MHz. */
const CHARACTER: Nanos = 86_771;
/** The names without their first four letters. */
const OFFSET = new Map([...GENERIC_UART, ...PL011_ONLY].map(({ name, offset }) => [name.slice(4), offset]));

/** For tests: a PL011 in memory, watched. Every access takes a microsecond before it is answered. */
export class Rig extends BoardRig {
  readonly irq = new Line('GSI33');
  readonly screen = new SerialText();
  readonly uart: Pl011;

  constructor(manners: Pl011Manners = {}) {
    super();
    this.uart = new Pl011('ttyAMA0', this.board, this.irq, manners);
    this.uart.endpoint = this.screen;
    this.uart.events = judgePl011('ttyAMA0', manners.whole === true, this.journal);
    this.mmio.map(BASE, this.uart);
  }

  /** Plays accesses and returns what was read: `IMSC=7ff` writes, `FR?` reads, `10*DR=41` writes ten (decimal) times. */
  play(script: string, width: Width = 4): number[] {
    const reads: number[] = [];
    for (const [, times, name, value] of script.matchAll(/(?:(\d+)\*)?([A-Z_]+)(?:=([0-9a-f]+)|\?)/g))
      for (let i = 0; i < Number(times ?? 1); i++) {
        this.clock.advance(ACCESS);
        const at = BASE + OFFSET.get(name!)!;
        if (value === undefined) reads.push(this.mmio.read(at, width));
        else this.mmio.write(at, Number.parseInt(value, 16), width);
      }
    return reads;
  }

  /** 115200 8N1 with FIFOs, as a generic UART is left. */
  open(): this {
    this.play('CR=0 IBRD=d FBRD=1 LCR_H=70 CR=301');
    return this;
  }

  /** Advances by `count` character times. */
  characters(count: number): void {
    this.clock.advance(Math.round(count * CHARACTER));
  }
}
