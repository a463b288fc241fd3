import { describe, expect, test } from 'vitest';
import { AccessTrail } from '../../../../core/access.ts';
import { Journal } from '../../../../core/journal.ts';
import { PROTOCOL } from '../../../../net/frame/headers.ts';
import { makeFrame } from '../../../../net/frame/make.ts';
import { makeTunnel, tunnelPartsOf } from '../../../../net/frame/tunnel.ts';
import type { SentFrame } from '../../../../virtio/net/events.ts';
import { judgeNet } from '../net.ts';
import { accept, FACTS, sends } from '../rig.proof.ts';
import { large } from './claims.proof.ts';
import { TSO, tunnelled } from './tunnels.proof.ts';

const CUT = [...TSO, 'HOST_USO', 'HOST_UDP_TUNNEL_GSO'] as const;
const SUMMED = [...CUT, 'HOST_UDP_TUNNEL_GSO_CSUM'] as const;
const [VLAN, MSS] = [0x8100, 1300];
const UDP_LENGTH = 4;
const UDP_CHECKSUM = 6;
const { TCP, UDP } = PROTOCOL;

/** The clauses that a driver breaks with this frame, by their numbers. */
function broken(features: Parameters<typeof accept>[1][], fields: Partial<SentFrame>): string[] {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const net = judgeNet(FACTS, journal);
  accept(net, ...features);
  sends(net, fields);
  return journal.findings.map(({ clause }) => clause.replace('virtio/NET-', ''));
}

/** `frame` with 16 bits changed. */
function put16(frame: Uint8Array, at: number, value: number): Uint8Array {
  const changed = frame.slice();
  changed.set([value >> 8, value & 0xff], at);
  return changed;
}

/** Two segments of one size, with the checksum and the length of UDP that each of them will have. */
function completeForEach(version: 4 | 6, six: 4 | 6): Partial<SentFrame> {
  const inner = { version: six, payload: new Uint8Array(MSS) } as const;
  const segment = makeTunnel({ version, inner, sum: 'complete' });
  const { outerTransport } = tunnelPartsOf({ version, inner });
  const half = (at: number) => (segment[at]! << 8) | segment[at + 1]!;
  const fields = tunnelled({ version, inner: { version: six } });
  const [length, sum] = [outerTransport + UDP_LENGTH, outerTransport + UDP_CHECKSUM];
  return { ...fields, frame: put16(put16(fields.frame!, length, half(length)), sum, half(sum)) };
}

const GOOD = tunnelled();
/** All of it fits into a packet. */
const SMALL = tunnelled({ inner: { payload: new Uint8Array(100) } });
const HALF = tunnelled({ sum: 'partial' });
/** The inner packet has TCP behind a hop-by-hop header of padding. */
const EXTENDED = (() => {
  const six = tunnelled({ inner: { version: 6 } });
  const { innerTransport: at, innerNetwork } = tunnelPartsOf({ inner: { version: 6 } });
  const options = [TCP, 0, 1, 4, 0, 0, 0, 0];
  const frame = Uint8Array.from([...six.frame!.subarray(0, at), ...options, ...six.frame!.subarray(at)]);
  frame[innerNetwork + 6] = 0;
  return {
    ...six,
    hdrLen: six.hdrLen! + 8,
    csumStart: at + 8,
    frame: put16(frame, innerNetwork + 4, ((frame[innerNetwork + 4]! << 8) | frame[innerNetwork + 5]!) + 8),
  };
})();

describe('a driver that has frames cut within a tunnel', () => {
  test.each([
    ['IPv4 over IPv4', GOOD],
    ['IPv6 over IPv6', tunnelled({ version: 6, inner: { version: 6 } })],
    ['IPv6 over IPv4', tunnelled({ inner: { version: 6 } })],
    [
      'IPv6 over IPv4, by the bit that Linux sets',
      { ...tunnelled({ inner: { version: 6 } }), gsoType: 0x24 },
    ],
    ['UDP', tunnelled({ inner: { protocol: UDP } })],
    ['what is behind tags, around and within', tunnelled({ tags: [VLAN], inner: { tags: [VLAN] } })],
    ['TCP behind extension headers', EXTENDED],
    ['segments whose checksum around is complete', completeForEach(4, 4)],
    ['segments of IPv6 whose checksum around is complete', completeForEach(6, 6)],
    ['a frame without a tunnel', large()],
    ['a frame of a tunnel that is not to be cut', { frame: makeTunnel() }],
    ['what was there in the offsets, where no tunnel is named', { frame: makeFrame(), outerTransport: 7 }],
  ])('may send %s', (_what, fields) => {
    expect(broken([...CUT], fields)).toEqual([]);
  });

  test.each([
    [
      'IPv6 over IPv6 as IPv4',
      { ...tunnelled({ version: 6, inner: { version: 6 } }), gsoType: 0x24 },
      'TX-D13',
    ],
    ['both bits', { ...GOOD, gsoType: 0x61 }, 'TX-D18'],
    ['a bit, and nothing to be cut', { ...SMALL, gsoType: 0x20 }, 'IMP-7'],
    ['a frame without a tunnel as one', { ...large(), gsoType: 0x21 }, 'TX-D28'],
    ['offsets that were left 0', { ...GOOD, outerTransport: 0, innerNetwork: 0 }, 'TX-D28'],
    ['offsets of Ethernet within', { ...GOOD, innerNetwork: GOOD.innerNetwork! - 14 }, 'TX-D28'],
    ['the offset of UDP from IP', { ...GOOD, outerTransport: 20 }, 'TX-D28'],
    ['csum_start at the UDP around', { ...GOOD, csumStart: 34, csumOffset: 6 }, 'TX-D28'],
    ['the wrong protocol', { ...GOOD, gsoType: 0x25 }, 'IMP-7'],
    ['headers up to the tunnel', { ...GOOD, hdrLen: 50 }, 'TX-D27'],
    ['no NEEDS_CSUM', { ...GOOD, flags: 0 }, 'TX-D24'],
    ['an open checksum around', { ...HALF, flags: 1 }, 'TX-D30'],
    ['a checksum of the whole around', { ...GOOD, frame: put16(GOOD.frame!, 40, 0x1234) }, 'TX-D31'],
    ['a csum_start that leads nowhere', { ...GOOD, csumStart: 70 }, 'TX-D22'],
  ])('must not send %s', (_what, fields, clause) => {
    expect(broken([...CUT], fields)).toEqual([clause]);
  });

  test.each([
    ['an open checksum around, and says so', HALF],
    ['none around', GOOD],
    ['a checksum that each segment will have', completeForEach(4, 6)],
  ])('may send with HOST_UDP_TUNNEL_GSO_CSUM %s', (_what, fields) => {
    expect(broken([...SUMMED], fields)).toEqual([]);
  });

  test.each([
    ['an open checksum around, and does not say so', { ...HALF, flags: 1 }, 'TX-D15'],
    ['none around, and says that it is open', { ...GOOD, flags: 9 }, 'TX-D29'],
    ['a wrong one around', { ...GOOD, frame: put16(GOOD.frame!, 40, 0x1234) }, 'TX-D20'],
    ['the flag without a tunnel', { ...large(), flags: 9 }, 'TX-D19'],
  ])('must not send with it %s', (_what, fields, clause) => {
    expect(broken([...SUMMED], fields)).toEqual([clause]);
  });
});

describe('a driver that says where IP begins', () => {
  test('says so of any frame with OUT_NET_HEADER, from its first byte', () => {
    const frame = makeFrame({ tags: [VLAN] });

    expect(broken(['VERSION_1', 'OUT_NET_HEADER'], { frame, outerNetwork: 18 })).toEqual([]);
    expect(broken(['VERSION_1', 'OUT_NET_HEADER'], { frame })).toEqual([]);
    expect(broken(['VERSION_1', 'OUT_NET_HEADER'], { frame, outerNetwork: 14 })).toEqual(['TX-D37']);
  });

  test('says nothing without it', () => {
    expect(broken(['VERSION_1', 'IPSEC'], { frame: makeFrame(), outerNetwork: 14 })).toEqual(['TX-D37']);
  });
});
