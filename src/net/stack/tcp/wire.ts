import type { Clock } from '../../../core/clock.ts';
import type { Address, Ipv4 } from '../address.ts';
import type { Budget } from './budget.ts';
import type { Ends, Segment } from './segment.ts';

/** What a connection needs of its stack. */
export interface TcpWire<A extends Address = Ipv4> {
  readonly clock: Clock;
  /** Maximum payload that this end accepts. */
  readonly mss: number;
  /** Memory budget of all connections. */
  readonly budget: Budget;
  send(ends: Ends<A>, segment: Segment): void;
  /** Answers a segment that belongs to no connection (RFC 9293, 3.10.7.1). */
  refuse(ends: Ends<A>, segment: Segment): void;
  /** The peer has answered: the connection is established. */
  opened(ends: Ends<A>): void;
  /** The connection is over, and gets no further segments. */
  gone(ends: Ends<A>): void;
}
