import { PROTOCOL } from '../../../../net/frame/headers.ts';
import { partsOf } from '../../../../net/frame/make.ts';
import { makeTunnel, type TunnelOptions, tunnelPartsOf } from '../../../../net/frame/tunnel.ts';
import type { NetEvents, SentFrame } from '../../../../virtio/net/events.ts';
import { NET_HDR_F, NET_HDR_GSO, NET_HDR_UDP_TUNNEL } from '../../../../virtio/net/registers.ts';
import { scripts } from '../../../script.proof.ts';
import { judgeNet } from '../net.ts';
import { FACTS } from '../rig.proof.ts';
import { large, one, open } from './claims.proof.ts';
import type { TUNNEL_SUMS } from './tunnel-sums.ts';
import type { TUNNELS } from './tunnels.ts';

const { NEEDS_CSUM, DATA_VALID } = NET_HDR_F;
const { TCPV4, TCPV6, UDP, UDP_L4 } = NET_HDR_GSO;
const { CSUM, GSO_IPV4, GSO_IPV6 } = NET_HDR_UDP_TUNNEL;
/** Fits into packets of Compute Engine's networks with all headers, both of IPv6. */
const MSS = 1300;

/** A frame to be segmented within a tunnel; its outer checksum is open where `sum` is partial. */
export function tunnelled(options: TunnelOptions = {}): Partial<SentFrame> {
  const inner = { payload: new Uint8Array(2 * MSS), sum: 'partial', ...options.inner } as const;
  const parts = tunnelPartsOf({ ...options, inner });
  const six = inner.version === 6;
  const type = inner.protocol === PROTOCOL.UDP ? UDP_L4 : six ? TCPV6 : TCPV4;
  return {
    frame: makeTunnel({ ...options, inner }),
    flags: NEEDS_CSUM | (options.sum === 'partial' ? CSUM : 0),
    gsoType: type | (six ? GSO_IPV6 : GSO_IPV4),
    gsoSize: MSS,
    hdrLen: parts.payload,
    csumStart: parts.innerTransport,
    csumOffset: parts.field,
    outerTransport: parts.outerTransport,
    innerNetwork: parts.innerNetwork,
  };
}

export const TSO = ['VERSION_1', 'CSUM', 'HOST_TSO4', 'HOST_TSO6'] as const;
const CUT = [...TSO, 'HOST_UDP_TUNNEL_GSO'] as const;
const SUMMED = [...CUT, 'HOST_UDP_TUNNEL_GSO_CSUM'] as const;
const LARGE = large();
const OPEN = open();
const GOOD = tunnelled();
const HALF = tunnelled({ sum: 'partial' });
const SIX = tunnelled({ inner: { version: 6 }, version: 6 });
const DATAGRAM = tunnelled({ inner: { protocol: PROTOCOL.UDP } });
const WRONG = makeTunnel({ inner: { payload: new Uint8Array(2 * MSS), sum: 'partial' }, sum: 'complete' });
const NETWORK = partsOf().ip;

export const TUNNEL_PROOFS = scripts<NetEvents, keyof typeof TUNNELS | keyof typeof TUNNEL_SUMS>(
  (journal) => judgeNet(FACTS, journal),
  {
    'virtio/NET-TX-D11': one([...TSO], { ...LARGE, gsoType: TCPV4 | GSO_IPV4 }, LARGE),
    'virtio/NET-TX-D12': one([...CUT], { ...GOOD, gsoType: TCPV4 }, GOOD),
    'virtio/NET-TX-D13': one([...CUT], { ...SIX, gsoType: TCPV6 | GSO_IPV4 }, SIX),
    'virtio/NET-TX-D14': {
      breaks: one([...TSO], { ...HALF, flags: NEEDS_CSUM, gsoType: TCPV4 }, GOOD).breaks,
      keeps: one([...CUT], HALF, GOOD).keeps,
    },
    'virtio/NET-TX-D15': one([...SUMMED], { ...HALF, flags: NEEDS_CSUM }, HALF),
    'virtio/NET-TX-D16': one([...TSO], { ...OPEN, flags: NEEDS_CSUM | CSUM }, OPEN),
    'virtio/NET-TX-D17': one([...CUT, 'HOST_UFO'], { ...DATAGRAM, gsoType: UDP | GSO_IPV4 }, GOOD),
    'virtio/NET-TX-D18': one([...CUT], { ...GOOD, gsoType: TCPV4 | GSO_IPV4 | GSO_IPV6 }, GOOD),
    'virtio/NET-TX-D19': one([...SUMMED], { ...OPEN, flags: NEEDS_CSUM | CSUM }, HALF),
    'virtio/NET-TX-D28': one([...CUT], { ...GOOD, innerNetwork: NETWORK }, GOOD),
    'virtio/NET-TX-D29': one([...SUMMED], { ...HALF, frame: GOOD.frame! }, HALF),
    'virtio/NET-TX-D30': one([...CUT], { ...HALF, flags: NEEDS_CSUM }, GOOD),
    'virtio/NET-TX-D31': one([...CUT], { ...GOOD, frame: WRONG }, GOOD),
    'virtio/NET-TX-D34': one([...CUT], { ...GOOD, flags: NEEDS_CSUM | DATA_VALID }, GOOD),
    'virtio/NET-TX-D37': one(
      ['VERSION_1', 'OUT_NET_HEADER'],
      { outerNetwork: NETWORK + 2 },
      { outerNetwork: NETWORK },
    ),
  },
);
