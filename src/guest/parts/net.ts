import type { Nanos } from '../../core/bits.ts';
import { NET_FEATURE, NET_HDR_F, NET_HDR_GSO } from '../../virtio/net/registers.ts';
import { NicDriver } from '../drivers/net/nic.ts';
import type { ReceivedFrame } from '../drivers/net/receive-ring.ts';
import { virtioNet } from '../drivers/virtio-net.ts';
import {
  checksumsRight,
  cut,
  parseTcpFrame,
  partsOfTcp,
  TCP_CHECKSUM_OFFSET,
  type TcpSegment,
  tcpFrame,
} from '../net/tcp-frame.ts';
import { pciPart } from './part.ts';

/** This much silence, a millisecond, ends a burst. */
const SILENCE: Nanos = 1_000_000;
const JOINED: readonly number[] = [NET_HDR_GSO.TCPV4, NET_HDR_GSO.TCPV6];
const SWITCHES = ['GUEST_CSUM', 'GUEST_TSO4', 'GUEST_TSO6'] as const;

/** A broadcast of an experimental type, from address zero: sixty bytes that no receiver interprets. */
export const FRAME = Uint8Array.from({ length: 60 }, (_, i) =>
  i < 6 ? 0xff : i === 12 ? 0x88 : i === 13 ? 0xb5 : 0,
);

/** Facts about a NIC, from its configuration and from frames sent. */
export interface NicFacts {
  /** `42:01:0a:80:00:02` */
  readonly mac: string;
  readonly linkUp: boolean;
  /** Names of the negotiated features. */
  readonly features: readonly string[];
  /** Number of queue pairs. */
  readonly pairsMax: number;
  readonly framesSent: number;
  /** Frames received meanwhile, complete. */
  readonly received: readonly Uint8Array[];
}

export const nicsPart = pciPart<NicDriver, NicFacts>({
  driver: virtioNet,
  handle: NicDriver,
  use: (nic) => {
    nic.send(FRAME);
    while (nic.receive() !== null);
  },
  probe: (nic, { frames, silence }) => probeNic(nic, frames, silence),
});

/** Sends `frames` and collects received ones until the wire is silent. */
export function probeNic(nic: NicDriver, frames: readonly Uint8Array[], silence: Nanos = SILENCE): NicFacts {
  const switchable = nic.features.includes('CTRL_GUEST_OFFLOADS');
  // Real traffic contains TCP: joined, it would not come back byte for byte.
  if (switchable) nic.setOffloads(0);
  for (const frame of frames) nic.send(frame);
  const { mac, linkUp, features, pairsMax } = nic;
  const received = receiveBurst(nic, silence).map(({ bytes }) => bytes);
  if (switchable) nic.setOffloads(switchesOf(nic));
  return { mac, linkUp, features, pairsMax, framesSent: frames.length, received };
}

/** The negotiated receive offloads, in the form for `setOffloads`. */
function switchesOf({ features }: NicDriver): number {
  return SWITCHES.filter((name) => features.includes(name)).reduce(
    (mask, name) => mask | (1 << NET_FEATURE[name]),
    0,
  );
}

/** Every received frame until the wire is silent, by default for a millisecond. */
export function receiveBurst(nic: NicDriver, silence: Nanos = SILENCE): ReceivedFrame[] {
  const burst: ReceivedFrame[] = [];
  for (let bytes = nic.receiveWithin(silence); bytes !== null; bytes = nic.receiveWithin(silence))
    burst.push({ bytes, header: nic.header! });
  return burst;
}

/**
 * Sends one large segment for the device to split into pieces of `mss` bytes.
 * @returns the frames that must appear on the wire, in order.
 */
export function sendLarge(nic: NicDriver, segment: TcpSegment, mss: number): Uint8Array[] {
  const { tcpAt, payloadAt } = partsOfTcp(segment);
  nic.sendTso(tcpFrame(segment, 'partial'), {
    mss,
    headerLength: payloadAt,
    csumStart: tcpAt,
    csumOffset: TCP_CHECKSUM_OFFSET,
  });
  return cut(segment, mss);
}

/**
 * Sends a segment with a partial checksum.
 * @returns the frame that must appear on the wire.
 */
export function sendUnsummed(nic: NicDriver, segment: TcpSegment): Uint8Array {
  nic.sendPartial(tcpFrame(segment, 'partial'), partsOfTcp(segment).tcpAt, TCP_CHECKSUM_OFFSET);
  return tcpFrame(segment, 'complete');
}

/** The result of a burst of TCP frames of one connection. */
export interface FlowFacts {
  /** Number of frames, and of those into which the device joined several segments. */
  readonly frames: number;
  readonly joined: number;
  /** Frames whose checksums are wrong by their header. */
  readonly wrongChecksums: number;
  /** The payload in the order of sequence numbers. */
  readonly payload: Uint8Array;
}

/**
 * Assembles a burst. Checksums are recomputed except where the header says that one is partial or verified.
 */
export function flowOf(burst: readonly ReceivedFrame[]): FlowFacts {
  const segments = burst.map(({ bytes }) => parseTcpFrame(bytes)).filter((segment) => segment !== null);
  const first = segments[0]?.seq ?? 0;
  // Sequence numbers wrap at 2^32: distances from the first are compared.
  segments.sort((a, b) => ((a.seq - first) | 0) - ((b.seq - first) | 0));
  return {
    frames: burst.length,
    joined: burst.filter(({ header }) => JOINED.includes(header.gso_type & ~NET_HDR_GSO.ECN)).length,
    wrongChecksums: burst.filter((frame) => !holds(frame)).length,
    payload: Uint8Array.from(segments.flatMap(({ payload }) => [...payload])),
  };
}

function holds({ bytes, header }: ReceivedFrame): boolean {
  if (parseTcpFrame(bytes) === null) return true;
  if (header.flags & NET_HDR_F.NEEDS_CSUM) return checksumsRight(bytes, 'partial');
  return (header.flags & NET_HDR_F.DATA_VALID) !== 0 || checksumsRight(bytes, 'complete');
}
