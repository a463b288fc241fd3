import type { NetEvents } from '../../../virtio/net/events.ts';
import { scripts } from '../../script.proof.ts';
import type { FRAMING } from './framing.ts';
import { judgeNet } from './net.ts';
import type { RECEIVE } from './receive.ts';
import { accept, chainOf, FACTS, RX, sends, sentFrame, TX } from './rig.proof.ts';

const FULL = 1514;
/** The buffer size of versions 1.0 to 1.3, header included. */
const LARGE = 65_562;

/** A script that breaks the rule with one receive buffer and keeps it with another, in a run with these features. */
function buffers(features: Parameters<typeof accept>[1][], broken: number, good: number) {
  const run = (bytes: number) => (net: NetEvents) => {
    accept(net, 'ANY_LAYOUT', ...features);
    net.buffer(RX, chainOf([], [bytes]));
  };
  return { breaks: run(broken), keeps: run(good) };
}

/** A receive buffer of these parts, with MRG_RXBUF and without ANY_LAYOUT. */
function mergesWithout(parts: readonly number[]) {
  return (net: NetEvents) => {
    accept(net, 'MRG_RXBUF');
    net.buffer(RX, chainOf([], parts));
  };
}

export const CHAIN_PROOFS = scripts<NetEvents, keyof typeof FRAMING | keyof typeof RECEIVE>(
  (journal) => judgeNet(FACTS, journal),
  {
    'virtio/NET-FRAME-LEG-D1': {
      breaks: (net) => net.sends(TX, chainOf([70]), sentFrame()),
      keeps: (net) => net.buffer(RX, chainOf([], [10, FULL])),
    },
    'virtio/NET-FRAME-LEG-D1-MRG': {
      breaks: mergesWithout([12 + FULL]),
      keeps: mergesWithout([12, FULL]),
    },
    'virtio/NET-IMP-2': {
      breaks: (net) => net.buffer(RX, chainOf([4], [10, FULL])),
      keeps: (net) => sends(net),
    },
    'virtio/NET-RXB-D1': buffers(['GUEST_CSUM', 'GUEST_TSO4'], LARGE - 1, LARGE),
    'virtio/NET-RXB-D2': buffers([], 10 + FULL - 1, 10 + FULL),
    'virtio/NET-RXB-D3': buffers(['MRG_RXBUF'], 11, 12),
    'virtio/NET-RXB-D4': buffers(['VERSION_1', 'HASH_REPORT'], 12 + FULL, 20 + FULL),
    'virtio/NET-CFG-D8': buffers(['MRG_RXBUF', 'MTU'], 80, 100),
  },
);
