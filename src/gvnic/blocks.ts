import type { Nanos } from '../core/bits.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { DQO_IRQ, GQI_IRQ } from './registers/doorbells.ts';

const { ACK, MASK } = GQI_IRQ.mask;
const { ENABLE, INDEX, INTERVAL } = DQO_IRQ.mask;
const INTERVAL_SHIFT = DQO_IRQ.shift.INTERVAL;
/** In the field INDEX: the interval stays. */
const KEEP = INDEX;
const UNIT: Nanos = 2000;

/**
 * The blocks of notifications: each has an interrupt, and a doorbell that masks, acknowledges and moderates it.
 *
 * With GQI rings a block is quiet from an interrupt until it is acknowledged, and while it is masked; an event meanwhile
 * interrupts afterwards. With DQO rings it is quiet from an interrupt until it is enabled again, and for its interval.
 */
export class Blocks {
  /** How many the driver set up. */
  count = 0;
  private isDqo = false;
  private readonly clock: Clock;
  private readonly fire: (block: number) => void;
  /** Of each block: nothing may be sent; an event waits. */
  private readonly quiet: Uint8Array;
  private readonly masked: Uint8Array;
  private readonly pending: Uint8Array;
  /** With DQO rings: the least time between two interrupts, and the earliest time of the next. */
  private readonly interval: Float64Array;
  private readonly earliest: Float64Array;
  private readonly timer: Timer;

  /** @param most of them. @param fire sends the message of one. */
  constructor(name: string, clock: Clock, most: number, fire: (block: number) => void) {
    this.clock = clock;
    this.fire = fire;
    this.quiet = new Uint8Array(most);
    this.masked = new Uint8Array(most);
    this.pending = new Uint8Array(most);
    this.interval = new Float64Array(most);
    this.earliest = new Float64Array(most);
    this.timer = clock.timer(`${name} moderation`, () => this.sendDue());
  }

  /** So many are in use from now on, with rings of this kind: GQI's begin open, DQO's closed. */
  setUp(count: number, isDqo: boolean): void {
    this.count = count;
    this.isDqo = isDqo;
    this.quiet.fill(isDqo ? 1 : 0);
    this.masked.fill(0);
    this.pending.fill(0);
    this.interval.fill(0);
    this.earliest.fill(0);
    this.timer.disarm();
  }

  /** Something happened in a ring of the block. */
  notify(block: number): void {
    if (block >= this.count) return;
    this.pending[block] = 1;
    this.send(block);
  }

  /** The driver wrote the doorbell of a block: `value` as it lies in memory, read in the byte order of its rings. */
  write(block: number, value: number): void {
    if (this.isDqo) this.writeDqo(block, value);
    else {
      this.masked[block] = (value & MASK) !== 0 ? 1 : 0;
      if ((value & ACK) !== 0 || value === 0) this.quiet[block] = 0;
    }
    if (this.pending[block] === 1) this.send(block);
  }

  /** What keeps an interrupt back that a block is to send, or has sent, in words; null for nothing. */
  heldBack(block: number): string | null {
    const waits = this.pending[block] === 1;
    if (waits && this.masked[block] === 1) return `block ${block} is masked`;
    if (this.quiet[block] !== 1) return null;
    const was = this.isDqo ? 'enabled' : 'acknowledged';
    return waits
      ? `block ${block} was not ${was}`
      : `block ${block} sent its interrupt, and was not ${was} since`;
  }

  close(): void {
    this.clock.remove(this.timer);
  }

  private writeDqo(block: number, value: number): void {
    if ((value & INDEX) !== KEEP) this.interval[block] = ((value & INTERVAL) >>> INTERVAL_SHIFT) * UNIT;
    this.quiet[block] = (value & ENABLE) !== 0 ? 0 : 1;
  }

  /** Sends what is pending, if it may be sent. */
  private send(block: number): void {
    if (this.quiet[block] === 1 || this.masked[block] === 1) return;
    const { now } = this.clock;
    const earliest = this.earliest[block]!;
    if (earliest > now) {
      if (earliest < this.timer.due) this.timer.armAt(earliest);
      return;
    }
    this.pending[block] = 0;
    this.quiet[block] = 1;
    this.earliest[block] = now + this.interval[block]!;
    this.fire(block);
  }

  private sendDue(): void {
    for (let block = 0; block < this.count; block++) if (this.pending[block] === 1) this.send(block);
  }
}
