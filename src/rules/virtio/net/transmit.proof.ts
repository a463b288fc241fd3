import { makeFrame } from '../../../net/frame/make.ts';
import type { NetEvents, SentFrame } from '../../../virtio/net/events.ts';
import { NET_HDR_F, NET_HDR_GSO } from '../../../virtio/net/registers.ts';
import { scripts } from '../../script.proof.ts';
import { judgeNet } from './net.ts';
import { accept, chainOf, FACTS, sends, TX } from './rig.proof.ts';
import type { TRANSMIT } from './transmit.ts';

const { NEEDS_CSUM, DATA_VALID } = NET_HDR_F;
const { TCPV4, UDP, TCPV6, UDP_L4 } = NET_HDR_GSO;
/** No gso_type has this value. */
const UNKNOWN = 2;
/** The transmit queue of the third pair. */
const TX3 = 5;

/** A large frame that a driver with CSUM may send. */
const LARGE: Partial<SentFrame> = {
  frame: makeFrame({ payload: new Uint8Array(1600), sum: 'partial' }),
  flags: NEEDS_CSUM,
  gsoType: TCPV4,
  hdrLen: 54,
  gsoSize: 1400,
  csumStart: 34,
  csumOffset: 16,
};
const UNFINISHED: Partial<SentFrame> = {
  frame: makeFrame({ sum: 'partial' }),
  flags: NEEDS_CSUM,
  csumStart: 34,
  csumOffset: 16,
};

/** A script that breaks the rule with one header and keeps it with another, in a run with these features. */
function headers(
  features: Parameters<typeof accept>[1][],
  broken: Partial<SentFrame>,
  good: Partial<SentFrame>,
) {
  const run = (header: Partial<SentFrame>) => (net: NetEvents) => {
    accept(net, ...features);
    sends(net, header);
  };
  return { breaks: run(broken), keeps: run(good) };
}

export const TRANSMIT_PROOFS = scripts<NetEvents, keyof typeof TRANSMIT>(
  (journal) => judgeNet(FACTS, journal),
  {
    'virtio/NET-MQ-D3': {
      breaks: (net) => sends(net, {}, TX3),
      keeps: (net) => {
        sends(net);
        net.pairsSet(8, 3, -1);
        sends(net, {}, TX3);
      },
    },
    'virtio/NET-MQ-D4': {
      breaks: (net) => {
        net.pairsSet(8, 2, -1);
        sends(net, {}, TX3);
      },
      keeps: (net) => {
        net.pairsSet(8, 2, -1);
        sends(net);
      },
    },
    'virtio/NET-TX-D1': {
      breaks: (net) => net.drops(TX, chainOf([10, 13])),
      keeps: (net) => sends(net, { frame: new Uint8Array(14) }),
    },
    'virtio/NET-TX-D2': headers(['VERSION_1'], { numBuffers: 1 }, {}),
    'virtio/NET-IMP-10': headers(['VERSION_1', 'HASH_REPORT'], { hash: 1 }, {}),
    'virtio/NET-TX-D3': headers([], { flags: NEEDS_CSUM }, {}),
    'virtio/NET-TX-D5': headers(['CSUM'], LARGE, UNFINISHED),
    'virtio/NET-TX-D6': headers(['CSUM', 'HOST_TSO4'], { ...LARGE, gsoType: TCPV6 }, LARGE),
    'virtio/NET-TX-D7': headers(['CSUM', 'HOST_TSO4'], { ...LARGE, gsoType: UDP }, LARGE),
    'virtio/NET-TX-D8': headers(['CSUM', 'HOST_TSO4'], { ...LARGE, gsoType: UDP_L4 }, LARGE),
    'virtio/NET-TX-D23': headers(['CSUM'], { ...LARGE, gsoType: UNKNOWN }, UNFINISHED),
    'virtio/NET-TX-D24': headers(['CSUM', 'HOST_TSO4'], { ...LARGE, flags: 0 }, LARGE),
    'virtio/NET-TX-D25': headers(['CSUM', 'HOST_TSO4'], { ...LARGE, gsoSize: 0 }, LARGE),
    'virtio/NET-TX-D33': headers(['CSUM'], { flags: DATA_VALID }, UNFINISHED),
    'virtio/NET-IMP-11': {
      breaks: (net) => net.drops(TX, chainOf([10, 18 + 65_535 + 1])),
      keeps: (net) => sends(net),
    },
  },
);
