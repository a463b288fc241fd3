import type { InterruptEvents } from '../../chipset/events.ts';
import { hex, type Nanos } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import { Watch } from '../../core/watch.ts';
import { INTERRUPT, type InterruptKnows, type InterruptMoment } from './interrupt.ts';

/** Virtual nanoseconds in which whoever serves a device outside its handler has served it: 50 ms. */
const LONG: Nanos = 50_000_000;
const NO_LINE = -1;

/**
 * Watches whoever serves a CPU's interrupts.
 *
 * @param isSpent whether an edge-triggered line is up, open and was served.
 *
 * @example
 * cpu.events = new InterruptWatch((irq) => pic.isSpent(irq), journal);
 */
export class InterruptWatch implements InterruptEvents, InterruptKnows {
  ended = false;
  vector = 0;
  firmwares = false;
  edge = NO_LINE;
  stuck = false;
  private readonly isSpent: (irq: number) => boolean;
  private readonly journal: Journal;
  /** The line that was up when its handler returned, its vector, and since when. */
  private left = NO_LINE;
  private leftVector = 0;
  private since: Nanos = 0;
  private readonly watch;
  private readonly onTaken;
  private readonly onReturned;
  private readonly onStuck;

  constructor(isSpent: (irq: number) => boolean, journal: Journal) {
    this.isSpent = isSpent;
    this.journal = journal;
    this.watch = new Watch<InterruptKnows, InterruptMoment>(journal, INTERRUPT);
    this.onTaken = this.watch.at('taken');
    this.onReturned = this.watch.at('returned');
    this.onStuck = this.watch.at('stuck');
    journal.beforeReading(() => this.settle());
  }

  get subject(): string {
    return `interrupt vector ${hex(this.vector, 2)}`;
  }

  taken(vector: number, firmware: boolean): void {
    this.settle();
    this.vector = vector;
    this.firmwares = firmware;
    this.onTaken.tell(this);
  }

  returned(vector: number, ended: boolean, edge: number, high: boolean): void {
    this.vector = vector;
    this.ended = ended;
    this.edge = edge;
    this.stuck = false;
    this.onReturned.tell(this);
    if (edge < 0 || (!high && edge !== this.left)) return;
    this.left = high ? edge : NO_LINE;
    this.leftVector = vector;
    this.since = this.journal.now;
  }

  /** A boot tells once. */
  reset(): void {
    this.watch.forget();
    this.left = NO_LINE;
  }

  /** Who serves the device later, outside its handler, has done so by now. */
  private settle(): void {
    if (this.left === NO_LINE) return;
    const spent = this.isSpent(this.left);
    if (spent && this.journal.now - this.since < LONG) return;
    this.edge = this.left;
    this.left = NO_LINE;
    if (!spent) return;
    this.vector = this.leftVector;
    this.stuck = true;
    this.onStuck.tell(this);
  }
}
