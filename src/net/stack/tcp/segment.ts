import { put16 } from '../../../core/big-endian.ts';
import type { Clock } from '../../../core/clock.ts';
import { internetChecksum, internetSum } from '../../frame/checksum.ts';
import { PROTOCOL, tcp } from '../../frame/headers.ts';
import type { Address, Ipv4 } from '../address.ts';
import { type Datagram, pseudoSum } from '../datagram.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Budget } from './budget.ts';
import { optionsIn, optionsOf, type TcpOptions } from './options.ts';
import type { Sequence } from './sequence.ts';

/** A TCP segment. */
export interface Segment extends TcpOptions {
  readonly sequence: Sequence;
  readonly acknowledgment: Sequence;
  readonly flags: number;
  /** As in the header, not scaled. */
  readonly window: number;
  readonly payload: Uint8Array;
}

/** Both ends of a connection, from this one's point of view. */
export interface Ends<A extends Address = Ipv4> {
  readonly local: Endpoint<A>;
  readonly remote: Endpoint<A>;
}

/** The segment of a datagram, with the ends from the receiver's point of view; null if it is cut or corrupted. */
export function segmentIn<A extends Address>(
  datagram: Datagram<A>,
): { readonly ends: Ends<A>; readonly segment: Segment } | null {
  const { source, destination, payload } = datagram;
  if (payload.length < tcp.size) return null;
  const header = (payload[tcp.offset.data_offset]! >> 4) * 4;
  if (header < tcp.size || header > payload.length) return null;
  if (internetSum(payload, 0, payload.length, pseudoSum(datagram)) !== 0xffff) return null;
  const { source_port, destination_port, sequence, acknowledgment, flags, window } = tcp.decode(payload);
  return {
    ends: {
      local: { address: destination, port: destination_port },
      remote: { address: source, port: source_port },
    },
    segment: {
      sequence,
      acknowledgment,
      flags,
      window,
      ...optionsIn(payload.subarray(tcp.size, header)),
      payload: payload.subarray(header),
    },
  };
}

export function datagramOf<A extends Address>({ local, remote }: Ends<A>, segment: Segment): Datagram<A> {
  const options = optionsOf(segment.flags, segment);
  const header = tcp.size + options.length;
  const payload = new Uint8Array(header + segment.payload.length);
  const { sequence, acknowledgment, flags, window } = segment;
  tcp.encode(
    {
      source_port: local.port,
      destination_port: remote.port,
      sequence,
      acknowledgment,
      data_offset: (header / 4) << 4,
      flags,
      window,
      checksum: 0,
      urgent: 0,
    },
    payload,
  );
  payload.set(options, tcp.size);
  payload.set(segment.payload, header);
  const datagram = { source: local.address, destination: remote.address, protocol: PROTOCOL.TCP, payload };
  put16(payload, tcp.offset.checksum, internetChecksum(payload, 0, payload.length, pseudoSum(datagram)));
  return datagram;
}

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
