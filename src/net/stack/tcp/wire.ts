import type { Clock } from '../../../core/clock.ts';
import type { Address, Ipv4 } from '../address.ts';
import type { Ends, Segment } from './segment.ts';

/** What a connection needs of whoever has it. */
export interface TcpWire<A extends Address = Ipv4> {
  readonly clock: Clock;
  /** The longest payload that this end takes. */
  readonly mss: number;
  send(ends: Ends<A>, segment: Segment): void;
  /** Answers a segment that belongs to no connection (RFC 9293, 3.10.7.1). */
  refuse(ends: Ends<A>, segment: Segment): void;
  /** It is over, and nobody sends it anything any more. */
  gone(ends: Ends<A>): void;
}
