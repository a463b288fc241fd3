import type { Clock } from '../../../core/clock.ts';
import type { Address, Ipv4 } from '../address.ts';
import type { Budget } from './budget.ts';
import type { Ends, Segment } from './segment.ts';

/** What a connection needs of whoever has it. */
export interface TcpWire<A extends Address = Ipv4> {
  readonly clock: Clock;
  /** The longest payload that this end takes. */
  readonly mss: number;
  /** Of all connections. */
  readonly budget: Budget;
  send(ends: Ends<A>, segment: Segment): void;
  /** Answers a segment that belongs to no connection (RFC 9293, 3.10.7.1). */
  refuse(ends: Ends<A>, segment: Segment): void;
  /** The peer has answered: it is there. */
  opened(ends: Ends<A>): void;
  /** It is over, and nobody sends it anything any more. */
  gone(ends: Ends<A>): void;
}
