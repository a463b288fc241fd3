import type { Nanos } from '../core/bits.ts';
import { Line } from '../core/line.ts';
import { Rig as BoardRig } from '../core/rig.ts';
import { judgeUart } from '../rules/serial/uart.ts';
import type { UartManners } from './baud.ts';
import { SerialText } from './endpoint.ts';
import { DLL, DLM, FCR, IER, IIR, LCR, LSR, MCR, MSR, RBR, SCR, THR } from './registers.ts';
import { Uart16550 } from './uart16550.ts';

const BASE = 0x3f8;
/** An ISA access takes about a microsecond. */
const ACCESS: Nanos = 1000;
/** At 115200 baud with eight data bits and no parity, as `open()` sets it: 10 bits of 16 / 1.8432 MHz. */
export const CHARACTER: Nanos = 86_806;
export const BIT: Nanos = 8681;
const OFFSET = new Map(
  [RBR, THR, DLL, DLM, IER, IIR, FCR, LCR, MCR, LSR, MSR, SCR].map(({ name, offset }) => [name, offset]),
);

/** For tests: COM1 on a bus, watched, accessed by its ports. Every access takes a microsecond before it is answered. */
export class Rig extends BoardRig {
  readonly irq = new Line('irq4');
  readonly screen = new SerialText();
  readonly uart: Uart16550;
  /** Levels of the interrupt line, oldest first, since it was made. */
  readonly levels: boolean[] = [];

  constructor(manners: UartManners = {}) {
    super();
    this.uart = new Uart16550('ttyS0', this.board, this.irq, manners);
    this.uart.endpoint = this.screen;
    this.uart.events = judgeUart('ttyS0', this.journal);
    this.ports.map(BASE, this.uart, 'subtractive');
    this.irq.onChange = (level) => this.levels.push(level);
  }

  /**
   * Plays accesses and returns what was read: `FCR=07` writes, `LSR?` reads, `10*THR=41` writes ten (decimal)
   * times. Values are hexadecimal.
   */
  play(script: string): number[] {
    const reads: number[] = [];
    for (const [, times, name, value] of script.matchAll(/(?:(\d+)\*)?([A-Z]+)(?:=([0-9a-f]+)|\?)/g))
      for (let i = 0; i < Number(times ?? 1); i++) {
        this.clock.advance(ACCESS);
        const port = BASE + OFFSET.get(name!)!;
        if (value === undefined) reads.push(this.ports.read(port, 1));
        else this.ports.write(port, Number.parseInt(value, 16), 1);
      }
    return reads;
  }

  /** 115200 8N1, and OUT2 so that interrupts reach the bus. */
  open(): this {
    this.play('LCR=83 DLL=01 DLM=00 LCR=03 MCR=0b MSR?');
    return this;
  }

  /** Advances by `count` character times. */
  characters(count: number): void {
    this.clock.advance(count * CHARACTER);
  }

  /** Reads RBR while LSR shows that a byte is available. */
  drain(): number[] {
    const bytes: number[] = [];
    while ((this.play('LSR?')[0]! & LSR.mask.DR) !== 0) bytes.push(...this.play('RBR?'));
    return bytes;
  }
}
