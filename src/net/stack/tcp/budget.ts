import type { Nanos } from '../../../core/bits.ts';
import type { Clock, Timer } from '../../../core/clock.ts';

const SECOND: Nanos = 1_000_000_000;
/** Bytes that the connections of a network keep, where nothing else is said. */
export const BUDGET = 64 << 20;
/** Of each stack there are as many connections as have so much of the budget. */
const A_CONNECTION = 16 << 10;
const CONNECTIONS = 4096;
/** Half of the budget is for all; of the other half each connection of two stacks has so much for itself. */
export const RESERVE = A_CONNECTION / 4;
/** So much of what all share is to be free before those who wait are told. */
const A_LOT = 16;
/** A connection that keeps much, and lets go of less than a little in so long, is stuck. */
const [LITTLE, LONG] = [64 << 10, 5 * SECOND] as const;

/** What one connection keeps, as the budget sees it. */
export interface Kept {
  /** Bytes. */
  readonly size: number;
  /** Since when it has let go of little. */
  readonly since: Nanos;
  readonly holder: {
    /** It is given up, and its peer told. */
    abort(): void;
    /** There is room again. */
    roomCame(): void;
  };
}

/**
 * What all connections of a network keep together: bytes that came and were not taken, and bytes that were written and not
 * acknowledged. While it is used up windows are closed, and requests wait; where others wait, a stuck connection is given up.
 */
export class Budget {
  readonly clock: Clock;
  /** How many connections there may be at once, of each stack. */
  readonly connections: number;
  used = 0;
  private readonly shared: number;
  private readonly accounts = new Set<Kept>();
  private waiting = new Set<Kept>();
  /** It runs while somebody waits. */
  private timer: Timer | null = null;
  /** Before then no connection is stuck. */
  private nextLook: Nanos = 0;
  private serves = false;
  private ended = false;

  /** @param most bytes. */
  constructor(clock: Clock, most = BUDGET) {
    this.clock = clock;
    this.connections = Math.min(CONNECTIONS, Math.floor(most / A_CONNECTION));
    this.shared = most - 2 * this.connections * RESERVE;
  }

  /** Bytes that are left for whoever needs more than its own. */
  get free(): number {
    return Math.max(0, this.shared - this.used);
  }

  /** Whether there is something left, if need be because a stuck connection is given up. */
  hasRoom(): boolean {
    while (this.free === 0) {
      const stuck = this.stuck();
      if (stuck === null) return false;
      stuck.holder.abort();
    }
    return true;
  }

  /** The network is detached: what is left ends without a word. */
  end(): void {
    this.ended = true;
    this.waiting.clear();
    this.rest();
  }

  open(account: Kept): void {
    this.accounts.add(account);
  }

  close(account: Kept): void {
    this.accounts.delete(account);
    this.waiting.delete(account);
    if (this.waiting.size === 0) this.rest();
  }

  /** The holder is told when there is room. */
  wait(account: Kept): void {
    if (this.ended) return;
    this.waiting.add(account);
    if (this.timer !== null) return;
    this.timer = this.clock.timer('tcp budget', () => this.look());
    this.timer.arm(SECOND);
  }

  /** Room came: the last that waits is first, so that many which never end cannot keep a new one waiting. */
  serve(least = this.shared / A_LOT): void {
    if (this.serves || this.ended || this.waiting.size === 0 || this.free < least) return;
    this.serves = true;
    const all = [...this.waiting];
    this.waiting = new Set();
    try {
      while (all.length > 0 && this.free > 0) all.pop()!.holder.roomCame();
    } finally {
      this.waiting = new Set([...all.filter((one) => this.accounts.has(one)), ...this.waiting]);
      this.serves = false;
      if (this.waiting.size === 0) this.rest();
    }
  }

  private look(): void {
    if (this.hasRoom()) this.serve(1);
    this.timer?.arm(SECOND);
  }

  private rest(): void {
    if (this.timer !== null) this.clock.remove(this.timer);
    this.timer = null;
  }

  /** Of those that are stuck the largest. */
  private stuck(): Kept | null {
    const { now } = this.clock;
    if (now < this.nextLook) return null;
    let worst: Kept | null = null;
    let first = now;
    for (const account of this.accounts) {
      if (account.size <= RESERVE) continue;
      first = Math.min(first, account.since);
      if (now - account.since >= LONG && account.size > (worst?.size ?? 0)) worst = account;
    }
    if (worst === null) this.nextLook = first + LONG;
    return worst;
  }
}

/** Whether that is more than a little. */
export function isMuch(bytes: number): boolean {
  return bytes >= LITTLE;
}
