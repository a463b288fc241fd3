import { NET_HDR_F, NET_HDR_GSO } from '../../../virtio/net/registers.ts';
import { scripts } from '../../script.proof.ts';
import type { NetWatch } from './net-watch.ts';
import { accept, chainOf, TX, watchNet } from './rig.proof.ts';
import type { TRANSMIT } from './transmit.ts';

const { NEEDS_CSUM, DATA_VALID } = NET_HDR_F;
const { TCPV4, UDP, TCPV6, UDP_L4 } = NET_HDR_GSO;
/** As no gso_type is. */
const UNKNOWN = 2;
/** The third pair of queues has it. */
const TX3 = 5;

interface Header {
  readonly flags?: number;
  readonly gso?: number;
  readonly size?: number;
  readonly buffers?: number;
}

/** Sends 60 bytes behind a header that says so. */
function send(net: NetWatch, { flags = 0, gso = 0, size = 0, buffers = 0 }: Header = {}, queue = TX): void {
  const header = net.legacy ? 10 : 12;
  net.sends(queue, chainOf([header, 60]), flags, gso, size, buffers);
}

/** A large frame that a driver with CSUM may send. */
const LARGE: Header = { flags: NEEDS_CSUM, gso: TCPV4, size: 1448 };

/** A script that breaks the rule with one header and keeps it with another, in a run with these features. */
function headers(features: Parameters<typeof accept>[1][], broken: Header, good: Header) {
  const run = (header: Header) => (net: NetWatch) => {
    accept(net, ...features);
    send(net, header);
  };
  return { breaks: run(broken), keeps: run(good) };
}

export const TRANSMIT_PROOFS = scripts<NetWatch, keyof typeof TRANSMIT>(watchNet, {
  'virtio/NET-MQ-D3': {
    breaks: (net) => send(net, {}, TX3),
    keeps: (net) => {
      send(net);
      net.pairsSet(8, 3, -1);
      send(net, {}, TX3);
    },
  },
  'virtio/NET-MQ-D4': {
    breaks: (net) => {
      net.pairsSet(8, 2, -1);
      send(net, {}, TX3);
    },
    keeps: (net) => {
      net.pairsSet(8, 2, -1);
      send(net);
    },
  },
  'virtio/NET-TX-D1': {
    breaks: (net) => net.drops(TX, chainOf([10, 13])),
    keeps: (net) => net.sends(TX, chainOf([10, 14]), 0, 0, 0, 0),
  },
  'virtio/NET-TX-D2': headers(['VERSION_1'], { buffers: 1 }, {}),
  'virtio/NET-TX-D3': headers([], { flags: NEEDS_CSUM }, {}),
  'virtio/NET-TX-D5': headers(['CSUM'], LARGE, { flags: NEEDS_CSUM }),
  'virtio/NET-TX-D6': headers(['CSUM', 'HOST_TSO4'], { ...LARGE, gso: TCPV6 }, LARGE),
  'virtio/NET-TX-D7': headers(['CSUM', 'HOST_TSO4'], { ...LARGE, gso: UDP }, LARGE),
  'virtio/NET-TX-D8': headers(['CSUM', 'HOST_TSO4'], { ...LARGE, gso: UDP_L4 }, LARGE),
  'virtio/NET-TX-D22': {
    breaks: (net) => net.summed(TX, 59, false),
    keeps: (net) => net.summed(TX, 34, true),
  },
  'virtio/NET-TX-D23': headers(['CSUM'], { ...LARGE, gso: UNKNOWN }, { flags: NEEDS_CSUM }),
  'virtio/NET-TX-D24': headers(['CSUM', 'HOST_TSO4'], { ...LARGE, flags: 0 }, LARGE),
  'virtio/NET-TX-D25': headers(['CSUM', 'HOST_TSO4'], { ...LARGE, size: 0 }, LARGE),
  'virtio/NET-TX-D33': headers(['CSUM'], { flags: DATA_VALID }, { flags: NEEDS_CSUM }),
  'virtio/NET-IMP-7': {
    breaks: (net) => net.segmented(TX, 1448, false),
    keeps: (net) => net.segmented(TX, 1448, true),
  },
});
