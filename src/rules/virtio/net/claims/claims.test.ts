import { describe, expect, test } from 'vitest';
import { AccessTrail } from '../../../../core/access.ts';
import { Journal } from '../../../../core/journal.ts';
import { internetChecksum, pseudoSum4 } from '../../../../net/frame/checksum.ts';
import { PROTOCOL, TCP_FLAGS } from '../../../../net/frame/headers.ts';
import { makeFrame, partsOf } from '../../../../net/frame/make.ts';
import type { SentFrame } from '../../../../virtio/net/events.ts';
import { NET_HDR_GSO } from '../../../../virtio/net/registers.ts';
import { judgeNet } from '../net.ts';
import { accept, FACTS, sends } from '../rig.proof.ts';
import { large, open, spoilt } from './claims.proof.ts';

const { UDP, ICMP, ICMPV6 } = PROTOCOL;
const { ACK, CWR } = TCP_FLAGS.mask;
const { TCPV4, TCPV6, UDP_L4 } = NET_HDR_GSO;
const [VLAN, QINQ] = [0x8100, 0x88a8];

/** The clauses that a driver breaks with this frame, by their numbers. */
function broken(features: Parameters<typeof accept>[1][], fields: Partial<SentFrame>): string[] {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const net = judgeNet(FACTS, journal);
  accept(net, 'ANY_LAYOUT', ...features);
  sends(net, fields);
  return journal.findings.map(({ clause }) => clause.replace('virtio/NET-', ''));
}

const put = (frame: Uint8Array, at: number, ...bytes: number[]) => {
  const changed = frame.slice();
  changed.set(bytes, at);
  return changed;
};
/** The frame with its IPv4 header's checksum set right. */
const resummed = (frame: Uint8Array) => {
  const sum = internetChecksum(put(frame, 24, 0, 0), 14, 34);
  return put(frame, 24, sum >> 8, sum & 0xff);
};
const padded = (frame: Uint8Array, length: number) => {
  const longer = new Uint8Array(length);
  longer.set(frame);
  return longer;
};
const type = (ethertype: number) =>
  put(new Uint8Array(60), 6, 2, 0, 0, 0, 0, 7, ethertype >> 8, ethertype & 0xff);
const OPEN = open();
const LARGE = large();

/** VXLAN: a frame of TCP whose sum is open, in UDP whose sum is `outer`: none, or right when the inner one is. */
function tunnelled(outer: 'none' | 'right'): Partial<SentFrame> {
  const inner = makeFrame({ sum: 'partial' });
  const frame = makeFrame({
    protocol: UDP,
    payload: Uint8Array.of(8, 0, 0, 0, 0, 0, 1, 0, ...inner),
    sum: 'none',
  });
  const csumStart = 42 + 8 + 34;
  if (outer === 'right') {
    const finished = frame.slice();
    const sum = internetChecksum(finished, csumStart, finished.length);
    finished.set([sum >> 8, sum & 0xff], csumStart + 16);
    const length = frame.length - 34;
    const whole = internetChecksum(finished, 34, finished.length, pseudoSum4(frame, 14, UDP, length));
    frame.set([whole >> 8, whole & 0xff], 40);
  }
  return { frame, flags: 1, csumStart, csumOffset: 16 };
}

describe('a driver without CSUM', () => {
  test.each([
    ['TCP', makeFrame()],
    ['UDP over IPv6', makeFrame({ version: 6, protocol: UDP })],
    ['ICMP', makeFrame({ protocol: ICMP })],
    ['ICMP over IPv6', makeFrame({ version: 6, protocol: ICMPV6 })],
    ['an odd number of bytes', makeFrame({ payload: Uint8Array.of(1, 2, 3) })],
    ['two tags', makeFrame({ tags: [QINQ, VLAN] })],
    ['padding behind the packet', padded(makeFrame({ protocol: UDP, payload: Uint8Array.of(7) }), 60)],
    ['UDP without a checksum', makeFrame({ protocol: UDP, sum: 'none' })],
    ['a protocol without a known checksum', makeFrame({ protocol: 47, sum: 'none' })],
    ['the first fragment of a datagram', resummed(put(makeFrame({ protocol: UDP }), 20, 0x20, 0))],
    ['a packet that is cut', makeFrame().subarray(0, 100)],
    ['no IP', type(0x88b5)],
    ['nothing but an Ethernet header', new Uint8Array(14)],
  ])('may send %s', (_what, frame) => {
    expect(broken([], { frame })).toEqual([]);
  });

  test.each([
    ['TCP', spoilt(makeFrame(), 60)],
    ['TCP behind a tag', spoilt(makeFrame({ tags: [VLAN] }), 70)],
    ['TCP over IPv6', spoilt(makeFrame({ version: 6 }), 100)],
    ['UDP', spoilt(makeFrame({ protocol: UDP }), 60)],
    ['ICMP', spoilt(makeFrame({ protocol: ICMP }), 60)],
    ['ICMP over IPv6', spoilt(makeFrame({ version: 6, protocol: ICMPV6 }), 80)],
    ['the header of IPv4', spoilt(makeFrame({ protocol: 47 }), 22)],
    ['TCP, of which there is none', makeFrame({ sum: 'none' })],
    ['TCP, that is but that of the pseudo-header', makeFrame({ sum: 'partial' })],
  ])('must not leave a wrong checksum of %s', (_what, frame) => {
    expect(broken([], { frame })).toEqual(['TX-D4']);
  });
});

describe('a driver with CSUM', () => {
  test.each([
    ['TCP', open()],
    ['UDP', open({ protocol: UDP })],
    ['TCP over IPv6', open({ version: 6 })],
    ['UDP behind two tags', open({ protocol: UDP, tags: [QINQ, VLAN] })],
    ['a packet with padding behind it', { ...OPEN, frame: padded(OPEN.frame!, 200) }],
    ['ICMP', { ...open({ protocol: ICMP }), csumOffset: 2 }],
    ['TCP in a tunnel over UDP without a checksum', tunnelled('none')],
    ['TCP in a tunnel over UDP whose checksum will be right', tunnelled('right')],
    ['what is no IP', { frame: type(0x88b5), flags: 1, csumStart: 14, csumOffset: 2 }],
    ['an unknown protocol', { ...open({ protocol: 47 }), csumStart: 50, csumOffset: 16 }],
  ])('may leave open the checksum of %s', (_what, fields) => {
    expect(broken(['CSUM'], fields)).toEqual([]);
  });

  test.each([
    ['a complete checksum, behind a header of zeros', { frame: makeFrame() }],
    ['a corrupt packet that it forwards', { frame: spoilt(makeFrame(), 60) }],
    ['UDP without a checksum', { frame: makeFrame({ protocol: UDP, sum: 'none' }) }],
    ['wild fields that nothing says are used', { frame: makeFrame(), csumStart: 0xffff, csumOffset: 9 }],
  ])('may send %s', (_what, fields) => {
    expect(broken(['CSUM'], fields)).toEqual([]);
  });

  test.each([
    ['csum_start two bytes early', { ...OPEN, csumStart: 32 }, 'TX-D22'],
    ['csum_start at the IP header', { ...OPEN, csumStart: 14 }, 'TX-D22'],
    ['csum_start without the tag', { ...open({ tags: [VLAN] }), csumStart: 34 }, 'TX-D22'],
    ['csum_offset from the frame', { ...OPEN, csumOffset: 50 }, 'TX-D22'],
    ['csum_offset of UDP for TCP', { ...OPEN, csumOffset: 6 }, 'TX-D22'],
    ['csum_offset of TCP for UDP', { ...open({ protocol: UDP }), csumOffset: 16 }, 'TX-D22'],
    ['a checksum outside the frame', { ...OPEN, csumStart: 200 }, 'TX-D22'],
    ['the fields of the frame before, with ARP', { ...OPEN, frame: type(0x0806) }, 'TX-D22'],
    ['the fields of the frame before, with UDP', { ...OPEN, frame: makeFrame({ protocol: UDP }) }, 'TX-D22'],
    ['a fragment', { ...OPEN, frame: put(OPEN.frame!, 20, 0x20, 0) }, 'TX-D22'],
    ['a tunnel whose inner header is elsewhere', { ...tunnelled('none'), csumStart: 86 }, 'TX-D22'],
    ['no sum of the pseudo-header', open({ sum: 'none' }), 'TX-D21'],
    ['a complete sum', open({ sum: 'complete' }), 'TX-D21'],
    ['a sum of the pseudo-header with another length', { ...OPEN, frame: spoilt(OPEN.frame!, 51) }, 'TX-D21'],
    ['no checksum of the IP header', { ...OPEN, frame: put(OPEN.frame!, 24, 0, 0) }, 'TX-D20'],
    [
      'a wrong one of the tunnel around it',
      { ...tunnelled('right'), frame: spoilt(tunnelled('right').frame!, 40) },
      'TX-D20',
    ],
    ['nothing that says that the checksum is open', { frame: OPEN.frame! }, 'IMP-8'],
  ])('must not send %s', (_what, fields, clause) => {
    expect(broken(['CSUM'], fields)).toEqual([clause]);
  });
});

describe('a driver that has frames cut', () => {
  const TSO = ['CSUM', 'HOST_TSO4', 'HOST_TSO6', 'HOST_USO'] as const;
  const { upper } = partsOf();
  const six = large({ version: 6 });

  test.each([
    ['TCP over IPv4', LARGE],
    ['TCP over IPv6', six],
    ['UDP', { ...large({ protocol: UDP }), gsoType: UDP_L4 }],
    ['TCP behind a tag', large({ tags: [VLAN] })],
    ['more header than there is', { ...LARGE, hdrLen: 128 }],
    [
      'a sum of the pseudo-header without a length',
      { ...LARGE, frame: put(LARGE.frame!, upper + 16, 0x15, 0x09) },
    ],
    ['an IP header without a checksum', { ...LARGE, frame: put(LARGE.frame!, 24, 0, 0) }],
    ['ECE', large({ flags: ACK | (CWR >> 1) })],
  ])('may send %s', (_what, fields) => {
    expect(broken([...TSO], fields)).toEqual([]);
  });

  test.each([
    ['IPv6 as IPv4', { ...six, gsoType: TCPV4 }, 'IMP-7'],
    ['IPv4 as IPv6', { ...LARGE, gsoType: TCPV6 }, 'IMP-7'],
    ['TCP as UDP', { ...LARGE, gsoType: UDP_L4 }, 'IMP-7'],
    ['as no type that there is', { ...LARGE, gsoType: 2 }, 'IMP-7'],
    ['pieces that fit no packet', { ...LARGE, gsoSize: 0xffff }, 'IMP-7'],
    ['pieces longer than the frame', { ...LARGE, gsoSize: 9000 }, 'IMP-9'],
    ['headers cut short', { ...LARGE, hdrLen: 34 }, 'TX-D27'],
    ['no length of headers', { ...LARGE, hdrLen: 0 }, 'TX-D27'],
    ['CWR without HOST_ECN', large({ flags: ACK | CWR }), 'TX-D9'],
    ['the bit ECN without HOST_ECN', { ...LARGE, gsoType: TCPV4 | 0x80 }, 'TX-D9'],
    ['csum_start at the IP header', { ...LARGE, csumStart: 14 }, 'TX-D22'],
    ['a complete sum', large({ sum: 'complete' }), 'TX-D21'],
  ])('must not send %s', (_what, fields, clause) => {
    expect(broken([...TSO], fields)).toEqual([clause]);
  });

  test('gives the exact length of headers with GUEST_HDRLEN, and none for a frame that is not cut', () => {
    const exact = [...TSO, 'GUEST_HDRLEN', 'VERSION_1'] as const;

    expect(broken([...exact], LARGE)).toEqual([]);
    expect(broken([...exact], { ...LARGE, hdrLen: 55 })).toEqual(['TX-D26']);
    expect(broken([...exact], OPEN)).toEqual([]);
  });

  test('sends frames that are not cut without a length of headers, and not with a wrong one', () => {
    expect(broken([...TSO], OPEN)).toEqual([]);
    expect(broken([...TSO], { ...OPEN, hdrLen: 14 })).toEqual(['TX-D27']);
  });
});

test('a finding shows the header of a frame and its layout', () => {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const net = judgeNet(FACTS, journal);
  accept(net, 'ANY_LAYOUT', 'CSUM');
  sends(net, { ...OPEN, csumOffset: 6 });

  const [{ said, evidence }] = journal.findings as [(typeof journal.findings)[0]];
  expect([said, ...evidence.facts]).toEqual([
    'no checksum is at csum_start 34 and csum_offset 6',
    'virtio_net_hdr: flags 01, gso_type 00, hdr_len 0, gso_size 0, csum_start 34, csum_offset 6',
    'frame: 154 bytes, IPv4 at 14, protocol 6 at 34, payload at 54',
  ]);
});
