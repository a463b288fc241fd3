import type { Clock, Timer } from '../core/clock.ts';
import type { Baud } from './baud.ts';

/** What the other end has still to send. One character goes over the line per character time. */
export class Incoming {
  private readonly words: number[] = [];
  private next = 0;
  private readonly clock: Clock;
  private readonly baud: Baud;
  private readonly arrive: (byte: number, flags: number) => void;
  private readonly arrival: Timer;

  /** @param arrive called with each byte and its PE, FE and BI when its last bit is in. */
  constructor(name: string, clock: Clock, baud: Baud, arrive: (byte: number, flags: number) => void) {
    this.clock = clock;
    this.baud = baud;
    this.arrive = arrive;
    this.arrival = clock.timer(`${name} receiver`, () => this.tick());
  }

  add(byte: number, flags: number): void {
    this.words.push(byte | (flags << 8));
    this.run();
  }

  /** Goes on if something is to come and there is a baud clock to sample it by. */
  run(): void {
    if (this.next === this.words.length || this.baud.divisor === 0) return;
    if (this.arrival.due === Number.POSITIVE_INFINITY) this.arrival.arm(this.baud.character);
  }

  clear(): void {
    this.words.length = 0;
    this.next = 0;
    this.arrival.disarm();
  }

  close(): void {
    this.clock.remove(this.arrival);
  }

  private tick(): void {
    if (this.baud.divisor === 0) return;
    const word = this.words[this.next++]!;
    if (this.next === this.words.length) this.clear();
    this.run();
    this.arrive(word & this.baud.word, word >> 8);
  }
}
