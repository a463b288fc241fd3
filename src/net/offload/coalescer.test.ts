import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import { ipv4, tcp } from '../frame/headers.ts';
import type { Coalesced } from './coalesced.ts';
import { Coalescer } from './coalescer.ts';
import { NO_JOINS } from './joins.ts';

const TCP4 = { ...NO_JOINS, tcp4: true };
const MACS = hex('42010a800001 42010a800002');

/** RFC 1071's checksum by plain addition. */
const checksum = (bytes: Uint8Array, seed = 0) => {
  const words = Array.from(bytes, (byte, i) => (i % 2 === 0 ? byte * 256 : byte));
  return 65535 - ((words.reduce((total, word) => total + word, seed) - 1) % 65535) - 1;
};

/** Differences from a plain segment: header fields by name, payload, options, a damaged byte. */
interface Made {
  link?: string;
  ip?: Partial<ReturnType<typeof ipv4.decode>>;
  tcp?: Partial<ReturnType<typeof tcp.decode>>;
  ipOptions?: string;
  options?: string;
  payload?: string | Uint8Array;
  trailer?: string;
  damage?: number;
}

/** A TCP/IPv4 frame with good checksums. */
const segment = (made: Made = {}) => {
  const payload =
    typeof made.payload === 'string' ? Buffer.from(made.payload) : (made.payload ?? Buffer.from('abcd'));
  const ipOptions = hex(made.ipOptions ?? '');
  const options = hex(made.options ?? '');
  const ip = new Uint8Array([...ipv4.encode({}), ...ipOptions]);
  const body = new Uint8Array([...tcp.encode({}), ...options, ...payload]);
  const addresses = { source: 0x0a800002, destination: 0x0a800001 };
  const plain = {
    tos: 0,
    total_length: ip.length + body.length,
    flags_fragment: 0x4000,
    ttl: 64,
    protocol: 6,
  };
  ipv4.encode(
    { version_ihl: 0x40 + ip.length / 4, ...plain, ...addresses, identification: 7, ...made.ip },
    ip,
  );
  ipv4.encode({ header_checksum: checksum(ip) }, ip);
  const flow = { source_port: 0xc000, destination_port: 80, sequence: 1000, acknowledgment: 5, window: 4096 };
  tcp.encode({ ...flow, data_offset: (20 + options.length) * 4, flags: 0x10, ...made.tcp }, body);
  tcp.encode({ checksum: checksum(body, checksumSeed(ip, body.length)) }, body);
  const frame = Uint8Array.from([
    ...MACS,
    ...hex(made.link ?? '0800'),
    ...ip,
    ...body,
    ...hex(made.trailer ?? ''),
  ]);
  frame[made.damage ?? frame.length] = 0xee;
  return frame;
};
const checksumSeed = (ip: Uint8Array, length: number) => 65535 - checksum(ip.subarray(12, 20), 6 + length);

/** The frame that follows `segment()`: next sequence number and identification. */
const next = (made: Made = {}) =>
  segment({ ...made, ip: { identification: 8, ...made.ip }, tcp: { sequence: 1004, ...made.tcp } });

/** Feeds frames and a flush; returns copies of what was delivered. */
const coalesce = (...frames: Uint8Array[]) => {
  const out: Coalesced[] = [];
  const gro = new Coalescer({ deliver: (packet) => out.push({ ...packet, frame: packet.frame.slice() }) });
  gro.joins = TCP4;
  for (const frame of frames) gro.add(frame);
  gro.flush();
  return out;
};
const counts = (...frames: Uint8Array[]) => coalesce(...frames).map((packet) => packet.segments);

describe('receive coalescing', () => {
  test('joins consecutive segments into the frame that a driver would have sent for them', () => {
    const both = segment({ payload: 'abcdef' });
    new DataView(both.buffer).setUint16(50, checksumSeed(both.subarray(14, 34), 26)); // pseudo-header alone
    expect(coalesce(segment(), next({ payload: 'ef' }))).toEqual([
      {
        frame: both,
        segments: 2,
        cut: 'TCPV4',
        gsoSize: 4,
        headerLength: 54,
        csumStart: 34,
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

  test('delivers a lone segment as it came', () => {
    expect(coalesce(segment())).toEqual([
      {
        frame: segment(),
        segments: 1,
        cut: null,
        gsoSize: 0,
        headerLength: 0,
        csumStart: 0,
        csumOffset: 0,
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

  test('holds a copy until flush', () => {
    const out: number[] = [];
    const gro = new Coalescer({ deliver: ({ frame }) => out.push(frame[54]!) });
    gro.joins = TCP4;
    const lent = segment();
    gro.add(lent);
    lent.fill(0);
    expect(out).toEqual([]);
    gro.flush();
    gro.flush();
    expect(out).toEqual([0x61]);
  });

  test('delivers at once after PSH, which the large frame keeps', () => {
    const out: number[][] = [];
    const gro = new Coalescer({ deliver: ({ frame, segments }) => out.push([segments, frame[47]!]) });
    gro.joins = TCP4;
    gro.add(segment());
    gro.add(next({ tcp: { flags: 0x18 } }));
    expect(out).toEqual([[2, 0x18]]);
    gro.add(segment({ tcp: { flags: 0x18 } }));
    expect(out).toHaveLength(2);
  });

  test('delivers at once after a shorter segment, which must be the last', () => {
    const third = segment({ payload: 'y', ip: { identification: 9 }, tcp: { sequence: 1005 } });
    expect(counts(segment(), next({ payload: 'x' }), third)).toEqual([2, 1]);
  });

  test('follows sequence number and identification over their wrap', () => {
    const first = segment({ ip: { identification: 0xffff }, tcp: { sequence: 0xffff_fffe } });
    expect(counts(first, next({ ip: { identification: 0 }, tcp: { sequence: 2 } }))).toEqual([2]);
  });

  test('accepts a fixed identification only with DF, and only if all have it', () => {
    const same = (sequence: number, flags_fragment: number) =>
      segment({ ip: { flags_fragment }, tcp: { sequence } });
    expect(counts(same(1000, 0x4000), same(1004, 0x4000), same(1008, 0x4000))).toEqual([3]);
    expect(counts(same(1000, 0), same(1004, 0))).toEqual([1, 1]);
    const counted = segment({ ip: { identification: 9 }, tcp: { sequence: 1008 } });
    expect(counts(same(1000, 0x4000), same(1004, 0x4000), counted)).toEqual([2, 1]);
    expect(counts(segment(), next(), same(1008, 0x4000))).toEqual([2, 1]);
  });

  test('keeps time stamps and VLAN tags where they are equal', () => {
    const alike = { link: '8100 0064 0800', options: '0101080a 11111111 22222222' };
    const [large] = coalesce(segment(alike), next(alike));
    expect(large).toMatchObject({ segments: 2, headerLength: 70, csumStart: 38 });
    expect(Buffer.from(large!.frame.subarray(70)).toString()).toBe('abcdabcd');
  });

  const TS = '0101080a 11111111 22222222';
  test.each<[string, Made, Made]>([
    ['a gap in the sequence', {}, { tcp: { sequence: 1005 } }],
    ['a repeated segment', {}, { tcp: { sequence: 1000 } }],
    ['another acknowledgment', {}, { tcp: { acknowledgment: 6 } }],
    ['another window', {}, { tcp: { window: 4095 } }],
    ['FIN', {}, { tcp: { flags: 0x11 } }],
    ['ECE', {}, { tcp: { flags: 0x50 } }],
    ['CWR', {}, { tcp: { flags: 0x90 } }],
    ['URG', {}, { tcp: { flags: 0x30 } }],
    ['no ACK', {}, { tcp: { flags: 0x00 } }],
    ['an empty segment', {}, { payload: '' }],
    ['a larger segment', {}, { payload: 'abcde' }],
    ['another time stamp', { options: TS }, { options: '0101080a 11111112 22222222' }],
    ['no time stamp', { options: TS }, {}],
    ['another TTL', {}, { ip: { ttl: 63 } }],
    ['another TOS', {}, { ip: { tos: 3 } }],
    ['another DF', {}, { ip: { flags_fragment: 0 } }],
    ['a gap in the identification', {}, { ip: { identification: 9 } }],
    ['IP options', { ipOptions: '01010101' }, { ipOptions: '01010101' }],
    ['first fragments', { ip: { flags_fragment: 0x2000 } }, { ip: { flags_fragment: 0x2000 } }],
    ['another source', {}, { ip: { source: 0x0a800003 } }],
    ['another destination', {}, { ip: { destination: 0x0a800003 } }],
    ['another source port', {}, { tcp: { source_port: 1 } }],
    ['another destination port', {}, { tcp: { destination_port: 81 } }],
    ['a later fragment', {}, { ip: { flags_fragment: 0x0001 } }],
    ['padding', {}, { trailer: '0000' }],
    ['a total length past the end', {}, { ip: { total_length: 45 } }],
    ['a bad IP checksum', {}, { damage: 24 }],
    ['a bad TCP checksum', {}, { damage: 50 }],
    ['a damaged payload', {}, { damage: 57 }],
    ['another VLAN', { link: '8100 0064 0800' }, { link: '8100 0065 0800' }],
    ['a VLAN tag', {}, { link: '8100 0064 0800' }],
  ])('does not join over %s, and keeps order and bytes', (_, first, second) => {
    const frames = [segment(first), next(second)];
    expect(coalesce(...frames).map((packet) => packet.frame)).toEqual(frames);
  });

  test('grows to 65,535 bytes of datagram, and no further', () => {
    // 40 bytes of headers and 45 × 1,455 are 65,515: 20 more fit, 21 do not.
    const at = (i: number, length: number) =>
      segment({
        payload: new Uint8Array(length),
        ip: { identification: i },
        tcp: { sequence: i * 1455 },
      });
    const full = Array.from({ length: 45 }, (_, i) => at(i, 1455));
    expect(counts(...full, at(45, 20))).toEqual([46]);
    expect(counts(...full, at(45, 21))).toEqual([45, 1]);
  });

  test('keeps eight connections and delivers the oldest when a ninth begins', () => {
    const out: number[][] = [];
    const gro = new Coalescer({ deliver: ({ frame, segments }) => out.push([frame[35]!, segments]) });
    gro.joins = TCP4;
    for (let port = 0; port < 8; port++) gro.add(segment({ tcp: { source_port: port } }));
    expect(out).toEqual([]);
    gro.add(segment({ tcp: { source_port: 8 } }));
    expect(out).toEqual([[0, 1]]);
    gro.add(next({ tcp: { source_port: 1 } }));
    gro.flush();
    expect(out.slice(1)).toEqual([[1, 2], ...[2, 3, 4, 5, 6, 7, 8].map((port) => [port, 1])]);
  });

  test('lets frames other than TCP over IPv4 overtake', () => {
    const arp = Uint8Array.from([...MACS, ...hex('0806 0001')]);
    const udp = segment({ ip: { protocol: 17 } });
    expect(coalesce(segment(), arp, udp, next()).map((packet) => packet.segments)).toEqual([1, 1, 2]);
  });

  test('delivers all connections when the last one has a frame that ends in its headers', () => {
    const others = segment({ tcp: { source_port: 9 } });
    const first = segment({ options: '0101080a0000000100000002' });
    const ends = first.slice(0, 64);
    expect(coalesce(others, first, ends).map(({ frame }) => frame)).toEqual([others, first, ends]);
  });
});

describe('any frame', () => {
  test('is delivered in order within its connection, each byte once', () => {
    // Twelve connections over eight slots; sizes, gaps and flags at random.
    const step = fc.record({
      port: fc.nat(11),
      length: fc.constantFrom(0, 3, 3, 3, 3, 2, 4),
      flags: fc.constantFrom(0x10, 0x10, 0x10, 0x18, 0x11),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const streams = new Map<number, number[]>();
        const frames = steps.map(({ port, length, flags }, i) => {
          const stream = streams.get(port) ?? [];
          streams.set(port, stream);
          const tcp = { source_port: port, sequence: stream.length, flags };
          stream.push(...new Array<number>(length).fill(i));
          return segment({ tcp, payload: new Uint8Array(length).fill(i), ip: { identification: i } });
        });
        const out = new Map<number, number[]>([...streams.keys()].map((port) => [port, []]));
        for (const { frame } of coalesce(...frames)) out.get(frame[35]!)!.push(...frame.subarray(54));
        expect(out).toEqual(streams);
      }),
    );
  });

  test('is delivered once, even if it is malformed', () => {
    const damage = fc.array(fc.tuple(fc.nat(1), fc.nat(60), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(damage, fc.nat(60), (edits, length) => {
        const frames = [segment(), next().subarray(0, length)];
        for (const [which, at, value] of edits) frames[which]![at] = value;
        expect(counts(...frames).reduce((sum, count) => sum + count, 0)).toBe(2);
      }),
      { numRuns: 500 },
    );
  });
});
