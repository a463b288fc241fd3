import type { Nanos } from '../../../core/bits.ts';
import { type Budget, isMuch, type Kept, RESERVE } from './budget.ts';

/** What an array of bytes takes beside them. */
export const PIECE = 256;
/** Bytes of what came, and of what is to be sent, that one connection keeps: a request of HTTP, and a window. */
const MOST = { in: 2 << 20, out: 1 << 20 } as const;

/** What one connection keeps, and may keep. */
export class Account implements Kept {
  readonly holder: Kept['holder'];
  since: Nanos = 0;
  private readonly budget: Budget;
  private in = 0;
  private out = 0;
  private released = 0;
  private closed = false;

  constructor(budget: Budget, holder: Kept['holder']) {
    this.budget = budget;
    this.holder = holder;
    budget.open(this);
  }

  get size(): number {
    return this.in + this.out;
  }

  /** So many bytes are kept now of what came, and of what is to be sent. */
  settle(inward: number, out: number): void {
    const { budget, size } = this;
    if (this.closed || (inward === this.in && out === this.out)) return;
    this.released += Math.max(0, this.in - inward) + Math.max(0, this.out - out);
    this.in = inward;
    this.out = out;
    budget.used += this.size - size;
    if (size === 0 || this.size === 0 || isMuch(this.released)) {
      this.since = budget.clock.now;
      this.released = 0;
    }
    if (this.size < size) budget.serve();
  }

  /** So much is to be sent that its peer is to take some first. */
  get isFull(): boolean {
    return this.out >= MOST.out;
  }

  /** Less than half of that. */
  get isDrained(): boolean {
    return this.out < MOST.out / 2;
  }

  /** Bytes that it may take of what comes. */
  get room(): number {
    return Math.max(0, Math.min(MOST.in - this.in, Math.max(RESERVE - this.in, this.budget.free)));
  }

  /** Whether it may be answered: then it is to be handed what it sent. If others are in the way it is told when it may. */
  mayAnswer(): boolean {
    if (this.isFull) return false;
    const may = this.budget.hasRoom();
    if (!may && !this.closed) this.budget.wait(this);
    return may;
  }

  /** It told its peer of less room than `wanted`: if others are in the way, it is to tell of more when they are not. */
  told(room: number, wanted: number): void {
    if (room < wanted && this.budget.free < wanted && !this.closed) this.budget.wait(this);
  }

  close(): void {
    this.budget.used -= this.size;
    this.in = this.out = 0;
    this.closed = true;
    this.budget.close(this);
    this.budget.serve();
  }
}
