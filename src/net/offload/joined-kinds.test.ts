import { describe, expect, test } from 'vitest';
import { coalesce } from './coalescer-rig.ts';
import type { Joins } from './joins.ts';
import { frameOf, type LargeFrame, largeFrame, segmentsOf } from './large-frame-rig.ts';

const [ACK, CWR, ECE] = [0x10, 0x80, 0x40];
const LARGE = largeFrame({ version: 6, identification: 1, payload: new Uint8Array(300).fill(7) });
const TCP6 = { tcp6: true };

const counts = (joins: Partial<Joins>, frames: readonly Uint8Array[]) =>
  coalesce(joins, frames).map(({ segments }) => segments);
const three = (large: Partial<LargeFrame> = {}) => segmentsOf({ ...LARGE, ...large }, 100);

describe('joining', () => {
  test('applies to TCP over IPv6, and reports where its checksum begins', () => {
    expect(coalesce(TCP6, three())).toEqual([
      {
        frame: frameOf(LARGE, 'partial'),
        segments: 3,
        cut: 'TCPV6',
        gsoSize: 100,
        headerLength: 74,
        csumStart: 54,
        csumOffset: 16,
        within: 0,
        outerTransport: 0,
        outerOpen: false,
        ecn: false,
        duplicates: 0,
        pieces: null,
        sums: 'good',
      },
    ]);
  });

  test.each([
    ['TCP over IPv6', { tcp4: true, udp6: true }, {}],
    ['TCP over IPv4', TCP6, { version: 4 }],
    ['UDP over IPv6', { tcp6: true, udp4: true }, { protocol: 'udp' }],
    ['UDP over IPv4', { tcp4: true, udp6: true }, { version: 4, protocol: 'udp' }],
    ['IPv6 with extension headers', TCP6, { extensions: [{ kind: 60, rest: [0, 1, 4, 0, 0, 0, 0] }] }],
  ] as const)('is not %s, for a guest that does not take it', (_, joins, large) => {
    expect(counts(joins, three(large))).toEqual([1, 1, 1]);
  });

  test('applies to UDP of one size, up to a shorter datagram', () => {
    const datagrams = segmentsOf({ ...LARGE, protocol: 'udp', payload: new Uint8Array(250) }, 100);
    const packets = coalesce({ udp6: true }, [...datagrams, datagrams[0]!]);
    expect(packets.map(({ cut, segments, csumOffset }) => [cut, segments, csumOffset])).toEqual([
      ['UDP_L4', 3, 6],
      [null, 1, 0],
    ]);
  });

  test('excludes a datagram without a checksum, which is not marked valid', () => {
    const bare = frameOf({ ...LARGE, protocol: 'udp' }, 'complete').fill(0, 60, 62);
    expect(coalesce({ udp6: true }, [bare, bare]).map(({ segments, sums }) => [segments, sums])).toEqual([
      [1, 'none'],
      [1, 'none'],
    ]);
  });

  test('excludes another flow label', () => {
    const frames = three();
    frames[1]![17] = 1;
    expect(counts(TCP6, frames)).toEqual([1, 1, 1]);
  });
});

describe('a frame that signals congestion', () => {
  test('is delivered alone to a guest that does not take it', () => {
    expect(counts(TCP6, three({ flags: ACK | CWR }))).toEqual([1, 2]);
    expect(counts(TCP6, three({ flags: ACK | ECE }))).toEqual([1, 1, 1]);
  });

  test('is joined and reported for one that does', () => {
    const [joined] = coalesce({ ...TCP6, ecn: true }, three({ flags: ACK | CWR }));
    expect(joined).toMatchObject({
      segments: 3,
      ecn: true,
      frame: frameOf({ ...LARGE, flags: ACK | CWR }, 'partial'),
    });
  });

  test.each([
    ['CWR, which comes with the first segment alone', ACK | CWR],
    ['ECE, where the first has none', ACK | ECE],
  ])('begins a frame by %s', (_, flags) => {
    const [first] = three();
    const next = { ...LARGE, flags, sequence: LARGE.sequence + 100, payload: LARGE.payload.subarray(0, 100) };
    expect(counts({ ...TCP6, ecn: true }, [first!, frameOf(next, 'complete')])).toEqual([1, 1]);
  });
});

describe('duplicate acknowledgments', () => {
  const ack = (sequence = 1) => frameOf({ ...LARGE, sequence, payload: new Uint8Array(0) }, 'complete');

  test('are delivered once, with their number', () => {
    const [packet, ...more] = coalesce({ ...TCP6, acks: true }, [ack(), ack(), ack()]);
    expect([packet, more]).toMatchObject([{ frame: ack(), cut: null, segments: 3, duplicates: 2 }, []]);
  });

  test('are each delivered to a guest that does not ask for it', () => {
    expect(counts(TCP6, [ack(), ack()])).toEqual([1, 1]);
  });

  test('are not joined to segments, nor to those of another sequence', () => {
    const [segment] = three();
    expect(counts({ ...TCP6, acks: true }, [segment!, ack(101), ack(102)])).toEqual([1, 1, 1]);
  });
});
