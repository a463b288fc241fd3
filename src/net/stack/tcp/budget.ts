import type { Nanos } from '../../../core/bits.ts';
import type { Clock, Timer } from '../../../core/clock.ts';

const SECOND: Nanos = 1_000_000_000;
/** Default limit of bytes that the connections of a network keep. */
export const BUDGET = 64 << 20;
/** Share of the budget per connection: it limits the number of connections of each stack. */
const A_CONNECTION = 16 << 10;
const CONNECTIONS = 4096;
/** Bytes reserved for each connection. Half of the budget is shared; the other half is reserved, for two stacks. */
export const RESERVE = A_CONNECTION / 4;
/** The fraction of the shared bytes that must be free before waiting connections are notified. */
const A_LOT = 16;
/** A connection that keeps much, and frees less than the first in the time of the second, is stuck. */
const [LITTLE, LONG] = [64 << 10, 5 * SECOND] as const;

/** A connection's memory, as the budget sees it. */
export interface Kept {
  /** Bytes. */
  readonly size: number;
  /** Since when it has freed little. */
  readonly since: Nanos;
  readonly holder: {
    /** Gives up the connection, and resets the peer. */
    abort(): void;
    /** Room is available again. */
    roomCame(): void;
  };
}

/**
 * Memory of all connections of a network: bytes received and not read, and bytes written and not acknowledged. While it
 * is used up, windows are closed and requests wait; if others wait, a stuck connection is given up.
 */
export class Budget {
  readonly clock: Clock;
  /** Maximum number of connections of each stack. */
  readonly connections: number;
  used = 0;
  private readonly shared: number;
  private readonly accounts = new Set<Kept>();
  private waiting = new Set<Kept>();
  /** Runs while a connection waits. */
  private timer: Timer | null = null;
  /** No connection is stuck before this time. */
  private nextLook: Nanos = 0;
  private serves = false;
  private ended = false;

  /** @param most bytes. */
  constructor(clock: Clock, most = BUDGET) {
    this.clock = clock;
    this.connections = Math.min(CONNECTIONS, Math.floor(most / A_CONNECTION));
    this.shared = most - 2 * this.connections * RESERVE;
  }

  /** Free bytes for connections that need more than their reserve. */
  get free(): number {
    return Math.max(0, this.shared - this.used);
  }

  /** Whether there is room, if necessary after giving up stuck connections. */
  hasRoom(): boolean {
    while (this.free === 0) {
      const stuck = this.stuck();
      if (stuck === null) return false;
      stuck.holder.abort();
    }
    return true;
  }

  /** The network is detached: the rest ends silently. */
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

  /** The holder's `roomCame` is called when there is room. */
  wait(account: Kept): void {
    if (this.ended) return;
    this.waiting.add(account);
    if (this.timer !== null) return;
    this.timer = this.clock.timer('tcp budget', () => this.look());
    this.timer.arm(SECOND);
  }

  /** There is room: the last to wait is served first, so that many endless ones cannot keep a new one waiting. */
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

  /** The largest of the stuck connections. */
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

/** Whether it is more than a little. */
export function isMuch(bytes: number): boolean {
  return bytes >= LITTLE;
}
