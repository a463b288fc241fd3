import { PROTOCOL, TCP_FLAGS } from '../../../../net/frame/headers.ts';
import { makeFrame, type PacketOptions, partsOf } from '../../../../net/frame/make.ts';
import type { NetEvents, SentFrame } from '../../../../virtio/net/events.ts';
import { NET_HDR_F, NET_HDR_GSO } from '../../../../virtio/net/registers.ts';
import { scripts } from '../../../script.proof.ts';
import { judgeNet } from '../net.ts';
import { accept, FACTS, sends } from '../rig.proof.ts';
import type { CLAIMS } from './claims.ts';
import type { TUNNEL_SUMS } from './tunnel-sums.ts';
import type { TUNNELS } from './tunnels.ts';

const { NEEDS_CSUM } = NET_HDR_F;
const { TCPV4, TCPV6, ECN } = NET_HDR_GSO;
const { ACK, CWR } = TCP_FLAGS.mask;
/** Fits into packets of Compute Engine's networks, with IPv6, too. */
const MSS = 1380;
const ETHERNET_MSS = 1460;

type Fields = Partial<SentFrame>;

/** A frame with one byte changed. */
export function spoilt(frame: Uint8Array, at: number): Uint8Array {
  const bytes = frame.slice();
  bytes[at]! ^= 0x5a;
  return bytes;
}

/** A frame whose checksum the card is to finish. */
export function open(options: PacketOptions = {}): Fields {
  const { upper, field } = partsOf(options);
  const frame = makeFrame({ sum: 'partial', ...options });
  return { frame, flags: NEEDS_CSUM, csumStart: upper, csumOffset: field };
}

/** A frame that the card is to cut. */
export function large(options: PacketOptions = {}): Fields {
  const all = { payload: new Uint8Array(2 * MSS), ...options };
  const gsoType = options.version === 6 ? TCPV6 : TCPV4;
  return { ...open(all), gsoType, gsoSize: MSS, hdrLen: partsOf(all).payload };
}

/** With these features the driver sends one frame. */
export function one(features: Parameters<typeof accept>[1][], broken: Fields, good: Fields) {
  const run = (fields: Fields) => (net: NetEvents) => {
    accept(net, ...features);
    sends(net, fields);
  };
  return { breaks: run(broken), keeps: run(good) };
}

const CHECKED = makeFrame();
const OPEN = open();
const LARGE = large();
/** One byte longer than mtu, and no packet. */
const LONG = new Uint8Array(14 + 1461).fill(0x5a);
const MARKED = large({ flags: ACK | CWR });
const TSO = ['CSUM', 'HOST_TSO4'] as const;

/** Clauses with scripts elsewhere. */
type Elsewhere = keyof typeof TUNNELS | keyof typeof TUNNEL_SUMS | 'virtio/NET-OP-LEG-D1';

export const CLAIM_PROOFS = scripts<NetEvents, Exclude<keyof typeof CLAIMS, Elsewhere>>(
  (journal) => judgeNet(FACTS, journal),
  {
    'virtio/NET-TX-D4': one([], { frame: spoilt(CHECKED, 60) }, { frame: CHECKED }),
    'virtio/NET-TX-D20': one(['CSUM'], { ...OPEN, frame: spoilt(OPEN.frame!, 24) }, OPEN),
    'virtio/NET-TX-D21': one(['CSUM'], { ...OPEN, frame: CHECKED }, OPEN),
    'virtio/NET-TX-D22': one(['CSUM'], { ...OPEN, csumOffset: 6 }, OPEN),
    'virtio/NET-IMP-8': one(['CSUM'], { frame: OPEN.frame! }, { frame: CHECKED }),
    'virtio/NET-IMP-7': one([...TSO], { ...large({ protocol: PROTOCOL.UDP }), gsoType: TCPV4 }, LARGE),
    'virtio/NET-IMP-9': one([...TSO], { ...LARGE, gsoSize: 8000 }, LARGE),
    'virtio/NET-IMP-13': one([...TSO], { ...LARGE, gsoSize: 1514 }, LARGE),
    'virtio/NET-CFG-D3': one(
      ['MAC', 'CSUM'],
      { frame: makeFrame({ from: [2, 0, 0, 0, 0, 7] }) },
      { frame: CHECKED },
    ),
    'virtio/NET-CFG-D4': one(
      ['CSUM'],
      { frame: makeFrame({ from: [0, 0x1b, 0x21, 0, 0, 7] }) },
      { frame: CHECKED },
    ),
    'virtio/NET-CFG-D9': one(['CSUM', 'MTU'], { frame: LONG }, { frame: CHECKED }),
    'gce/NET-MTU': one([...TSO], { ...LARGE, gsoSize: ETHERNET_MSS }, LARGE),
    'virtio/NET-TX-D9': one([...TSO], MARKED, LARGE),
    'virtio/NET-TX-D10': one([...TSO, 'HOST_ECN'], MARKED, { ...MARKED, gsoType: TCPV4 | ECN }),
    'virtio/NET-TX-D26': one([...TSO, 'GUEST_HDRLEN', 'VERSION_1'], { ...LARGE, hdrLen: 64 }, LARGE),
    'virtio/NET-TX-D27': one([...TSO], { ...LARGE, hdrLen: 40 }, LARGE),
  },
);

export const BIG_ENDIAN_PROOFS = scripts<NetEvents, 'virtio/NET-OP-LEG-D1'>(
  (journal) => judgeNet({ ...FACTS, big: true }, journal),
  { 'virtio/NET-OP-LEG-D1': one(['CSUM'], { ...OPEN, csumStart: 0x2200, csumOffset: 0x1000 }, OPEN) },
);
