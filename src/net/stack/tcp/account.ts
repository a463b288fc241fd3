import type { Nanos } from '../../../core/bits.ts';
import { type Budget, isMuch, type Kept, RESERVE } from './budget.ts';

/** Memory that an array takes beside its bytes. */
export const PIECE = 256;
/** Maximum bytes received and to be sent that one connection keeps: an HTTP request, and a window. */
const MOST = { in: 2 << 20, out: 1 << 20 } as const;

/** Memory that one connection uses, and may use. */
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

  /** Sets the bytes kept now: received, and to be sent. */
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

  /** Whether so much is to be sent that the peer must acknowledge some first. */
  get isFull(): boolean {
    return this.out >= MOST.out;
  }

  /** Less than half of that. */
  get isDrained(): boolean {
    return this.out < MOST.out / 2;
  }

  /** Bytes that it may still receive. */
  get room(): number {
    return Math.max(0, Math.min(MOST.in - this.in, Math.max(RESERVE - this.in, this.budget.free)));
  }

  /** Whether it may be answered, so that it may get what it sent. If the budget is used up, `roomCame` is called later. */
  mayAnswer(): boolean {
    if (this.isFull) return false;
    const may = this.budget.hasRoom();
    if (!may && !this.closed) this.budget.wait(this);
    return may;
  }

  /** The peer was told of less room than `wanted`: if the budget is used up, `roomCame` is called when it frees up. */
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
