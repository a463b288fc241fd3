import type { NicDriver } from '../guest/drivers/net/nic.ts';
import {
  PAYLOAD_AT,
  TCP_AT,
  TCP_CHECKSUM_OFFSET,
  type TcpSegment,
  tcpFrame,
} from '../guest/net/tcp-frame.ts';
import { PROTOCOL, TCP_FLAGS } from '../net/frame/headers.ts';
import { makeFrame, partsOf } from '../net/frame/make.ts';
import { makeTunnel, tunnelPartsOf } from '../net/frame/tunnel.ts';

/** Segments of Compute Engine's networks, without options. */
const MSS = 1420;
/** The same behind all headers of a tunnel, both of IPv6. */
const TUNNEL_MSS = 1300;
/** A header and this much payload take more than one page of a driver's. */
const PAYLOAD = 5000;
/** Virtual nanoseconds. */
const SOON = 1_000_000;

const SEGMENT: TcpSegment = {
  destination: Uint8Array.of(0x42, 0x01, 0x0a, 0x80, 0x00, 0x01),
  source: Uint8Array.of(0x42, 0x01, 0x0a, 0x80, 0x00, 0x02),
  sourceIp: 0x0a80_0002,
  destinationIp: 0x0a80_0001,
  sourcePort: 49_152,
  destinationPort: 80,
  id: 1,
  seq: 1,
  push: false,
  fin: false,
  payload: new Uint8Array(0),
};

/** A short frame of TCP whose checksum the card completes. */
export function sendUnfinished(nic: NicDriver): void {
  const frame = tcpFrame({ ...SEGMENT, payload: new Uint8Array(100) }, 'partial');
  nic.sendPartial(frame, TCP_AT, TCP_CHECKSUM_OFFSET);
}

/** 5000 bytes over TCP that the card is to cut: headers and payload in two pages. */
export function sendLarge(nic: NicDriver): void {
  const frame = tcpFrame({ ...SEGMENT, payload: new Uint8Array(PAYLOAD) }, 'partial');
  const at = { headerLength: PAYLOAD_AT, csumStart: TCP_AT, csumOffset: TCP_CHECKSUM_OFFSET };
  nic.sendTso(frame, { mss: MSS, ...at });
}

/** Frames of every protocol and of both versions of IP, whose checksums are complete. */
export function sendChecked(nic: NicDriver): void {
  for (const version of [4, 6] as const)
    for (const protocol of [PROTOCOL.TCP, PROTOCOL.UDP, version === 4 ? PROTOCOL.ICMP : PROTOCOL.ICMPV6])
      nic.send(makeFrame({ version, protocol }));
}

/** As `sendLarge`, of a connection that answers congestion: the first segment alone is to have CWR. */
export function sendMarked(nic: NicDriver): void {
  const { ACK, CWR } = TCP_FLAGS.mask;
  const options = { payload: new Uint8Array(PAYLOAD), flags: ACK | CWR } as const;
  const { upper, payload, field } = partsOf(options);
  const frame = makeFrame({ ...options, sum: 'partial' });
  nic.sendTso(frame, { mss: MSS, headerLength: payload, csumStart: upper, csumOffset: field });
}

/** How a packet goes through a tunnel: IP around it, and its own; whether the card is to finish the checksum around. */
interface Through {
  readonly version?: 4 | 6;
  readonly within?: 4 | 6;
  readonly open?: boolean;
}

/** As `sendLarge`, in a tunnel over UDP. */
export function sendThrough(nic: NicDriver, { version = 4, within = 4, open = false }: Through = {}): void {
  const inner = { version: within, payload: new Uint8Array(PAYLOAD), sum: 'partial' } as const;
  const options = { version, inner, sum: open ? 'partial' : 'none' } as const;
  const { payload, innerTransport, field, outerTransport, innerNetwork } = tunnelPartsOf(options);
  nic.sendTso(makeTunnel(options), {
    mss: TUNNEL_MSS,
    headerLength: payload,
    csumStart: innerTransport,
    csumOffset: field,
    tunnel: { outerTransport, innerNetwork, open },
  });
}

/** Through each tunnel that the card knows. */
export function sendTunnelled(nic: NicDriver): void {
  const open = nic.features.includes('HOST_UDP_TUNNEL_GSO_CSUM');
  for (const within of nic.features.includes('HOST_TSO6') ? ([4, 6] as const) : ([4] as const))
    for (const version of [4, 6] as const) {
      sendThrough(nic, { version, within });
      if (open) sendThrough(nic, { version, within, open });
    }
}

/** A datagram longer than a segment of TCP, whose checksum the card completes. */
export function sendDatagram(nic: NicDriver): void {
  const options = { protocol: PROTOCOL.UDP, payload: new Uint8Array(PAYLOAD) } as const;
  const { upper, field } = partsOf(options);
  nic.sendPartial(makeFrame({ ...options, sum: 'partial' }), upper, field);
}

/** Every received frame that was not taken yet. */
export function receivedBy(nic: NicDriver): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let frame = nic.receiveWithin(SOON); frame !== null; frame = nic.receive()) frames.push(frame);
  return frames;
}
