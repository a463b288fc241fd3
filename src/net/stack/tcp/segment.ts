import { get16, put16 } from '../../frame/big-endian.ts';
import { internetChecksum, internetSum } from '../../frame/checksum.ts';
import { PROTOCOL, TCP_FLAGS, tcp } from '../../frame/headers.ts';
import type { Address, Ipv4 } from '../address.ts';
import { type Datagram, pseudoSum } from '../datagram.ts';
import type { Endpoint } from '../endpoint.ts';
import type { Sequence } from './sequence.ts';

const { SYN } = TCP_FLAGS.mask;
/** Kinds of options: RFC 9293, 3.2; RFC 7323, 2.2. */
const OPTION = { END: 0, NOP: 1, MSS: 2, WINDOW_SCALE: 3 } as const;
const [MSS_BYTES, WINDOW_SCALE_BYTES] = [4, 3];
/** RFC 7323, 2.3: a larger shift count is taken for this. */
const SHIFT_MAX = 14;

/** What one TCP sends the other at once. */
export interface Segment {
  readonly sequence: Sequence;
  readonly acknowledgment: Sequence;
  readonly flags: number;
  /** As it stands in the header, not scaled. */
  readonly window: number;
  /** Of a SYN: the longest payload that is taken, and the shift count of windows; null if it does not say. */
  readonly mss: number | null;
  readonly shift: number | null;
  readonly payload: Uint8Array;
}

/** Both ends of a connection, as this one sees them. */
export interface Ends<A extends Address = Ipv4> {
  readonly local: Endpoint<A>;
  readonly remote: Endpoint<A>;
}

/** The segment of a datagram with the ends as its receiver sees them; null if it is cut or spoiled. */
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
  const options = optionsOf(segment);
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

function optionsIn(bytes: Uint8Array): Pick<Segment, 'mss' | 'shift'> {
  let [mss, shift]: [number | null, number | null] = [null, null];
  for (let at = 0; at < bytes.length && bytes[at] !== OPTION.END; ) {
    if (bytes[at] === OPTION.NOP) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    // One that says that it has no end, or that it ends behind the header, is the last.
    if (length < 2 || at + length > bytes.length) break;
    if (bytes[at] === OPTION.MSS && length === MSS_BYTES) mss = get16(bytes, at + 2);
    if (bytes[at] === OPTION.WINDOW_SCALE && length === WINDOW_SCALE_BYTES)
      shift = Math.min(bytes[at + 2]!, SHIFT_MAX);
    at += length;
  }
  return { mss, shift };
}

function optionsOf({ flags, mss, shift }: Segment): readonly number[] {
  if ((flags & SYN) === 0) return [];
  const largest = mss === null ? [] : [OPTION.MSS, MSS_BYTES, mss >> 8, mss & 0xff];
  const scale = shift === null ? [] : [OPTION.NOP, OPTION.WINDOW_SCALE, WINDOW_SCALE_BYTES, shift];
  return [...largest, ...scale];
}
