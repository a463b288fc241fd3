import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { put16 } from '../../core/big-endian.ts';
import { internetChecksum } from '../frame/checksum.ts';
import { makeFrame } from '../frame/make.ts';
import { completeChecksum } from './complete.ts';
import { anyLargeFrame, fragmentsOf, frameOf, type LargeFrame, largeFrame } from './large-frame-rig.ts';
import { Reassembler } from './reassembler.ts';
import { Segmenter } from './segmenter.ts';

const SECOND = 1_000_000_000;
const DATAGRAM = largeFrame({ protocol: 'udp', payload: Uint8Array.from({ length: 300 }, (_, i) => i * 7) });
/** 308 bytes are cut into 104, 104 and 100; in IPv4 after 34 bytes of headers. */
const PIECE = 104;
const HEADERS = 34;

const cut = (frame: Uint8Array, size: number): Uint8Array[] => {
  const frames: Uint8Array[] = [];
  new Segmenter().segment(frame, 'UDP', size, { send: (one) => frames.push(one.slice()) });
  return frames;
};

/** Without DF, with its header's checksum set; IPv6 unchanged. */
const fragmentable = (frame: Uint8Array, { tags, version, options }: LargeFrame): Uint8Array => {
  if (version === 6) return frame;
  const ip = 14 + 4 * tags.length;
  const upper = ip + 20 + 4 * Math.ceil(options.flat().length / 4);
  put16(frame, ip + 6, 0);
  put16(frame, ip + 10, 0);
  put16(frame, ip + 10, internetChecksum(frame, ip, upper));
  return frame;
};

/** The result of frames that arrive: datagrams, and frames delivered unchanged. */
function reassemble(frames: readonly Uint8Array[], at: (index: number) => number = () => 0) {
  const whole: { frame: Uint8Array; gsoSize: number; headerLength: number; segments: number }[] = [];
  const passed: Uint8Array[] = [];
  const sums: number[][] = [];
  const pieces: (readonly Uint8Array[] | null)[] = [];
  const pass = (frame: Uint8Array) => passed.push(frame.slice());
  const reassembler = new Reassembler({
    deliver: (packet) => {
      const { frame, gsoSize, headerLength, segments } = packet;
      whole.push({ frame: frame.slice(), gsoSize, headerLength, segments });
      sums.push([packet.csumStart, packet.csumOffset]);
      pieces.push(packet.pieces);
    },
    pass,
  });
  for (const [i, frame] of frames.entries()) {
    reassembler.giveUp(at(i));
    if (!reassembler.take(frame, at(i))) pass(frame);
  }
  const early = passed.length;
  reassembler.flush();
  return { whole, passed, early, sums, pieces };
}

const three = (more: Partial<LargeFrame> = {}) => fragmentsOf({ ...DATAGRAM, ...more }, PIECE, 1);

/** Fragments without tags or with one, as fits the longest frame that guests have buffers for. */
const anyDatagram = anyLargeFrame(600).map(
  (large): LargeFrame => ({ ...large, tags: large.tags.slice(0, 1), protocol: 'udp' }),
);

describe('fragments of a UDP datagram', () => {
  test('become the original datagram, in any order, and that is cut into the same fragments', () => {
    const sizes = fc.integer({ min: 8, max: 400 });
    const turns = fc.array(fc.nat(1000), { minLength: 80, maxLength: 80 });
    fc.assert(
      fc.property(anyDatagram, sizes, turns, (large, size, turn) => {
        const fragments = cut(frameOf(large, 'partial'), size);
        fc.pre(fragments.length > 1);
        const order = fragments.map((_, i) => i).sort((a, b) => turn[a]! - turn[b]!);
        const { whole, passed, sums, pieces } = reassemble(order.map((i) => fragments[i]!));
        const [start, offset] = sums[0]!;
        const frame = fragmentable(frameOf(large, 'complete'), large);
        expect([passed, whole.length, pieces[0]]).toEqual([[], 1, order.map((i) => fragments[i])]);
        expect(cut(whole[0]!.frame, whole[0]!.gsoSize)).toEqual(fragments);
        expect(completeChecksum(whole[0]!.frame, start!, offset!)).toBe(true);
        expect(whole[0]!.frame).toEqual(frame);
      }),
      { numRuns: 40 },
    );
  });

  test('are described: number, size, start of the payload and of the checksum', () => {
    const { whole, sums } = reassemble(three());
    expect([whole[0], sums]).toMatchObject([
      { gsoSize: PIECE, headerLength: HEADERS + 8, segments: 3 },
      [[HEADERS, 6]],
    ]);
  });

  // 65,549 bytes are the longest frame that drivers have buffers for: of 14, 20 or 40, 8, and the payload.
  const long = (version: 4 | 6, length: number) =>
    cut(makeFrame({ version, protocol: 17, payload: new Uint8Array(length), sum: 'partial' }), 1448);

  test.each([
    [4, 65_507],
    [6, 65_487],
  ] as const)('reach 64 KiB over IPv%i', (version, most) => {
    expect(reassemble(long(version, most)).whole.map(({ frame }) => frame.length)).toEqual([65_549]);
  });

  test('do not become longer than drivers’ buffers', () => {
    const fragments = long(6, 65_488);
    expect(reassemble(fragments)).toMatchObject({ whole: [], passed: fragments });
  });

  test('of many datagrams may be mixed, and none is taken for another', () => {
    const ids = [1, 2, 3, 4];
    const all = ids.map((identification) =>
      three({ identification, payload: DATAGRAM.payload.map((byte) => byte + identification) }),
    );
    const mixed = [0, 1, 2].flatMap((i) => all.map((fragments) => fragments[i]!));
    const { whole, passed } = reassemble(mixed);
    expect(passed).toEqual([]);
    expect(whole.map(({ frame }) => frame[HEADERS + 8])).toEqual(ids);
  });

  test('that come twice count once', () => {
    const [first, second, third] = three();
    expect(reassemble([first!, first!, second!, first!, second!, third!])).toMatchObject({
      whole: [{ segments: 3 }],
      passed: [],
    });
  });

  test('of unequal sizes are reassembled, too, to be cut at the longest', () => {
    const [first, second, third] = three();
    const small = fragmentsOf(DATAGRAM, 56, 1).slice(2, 4);
    // 112 to 224 in two of 56, between 0 to 112 and the rest.
    const outer = fragmentsOf(DATAGRAM, 112, 1);
    expect(reassemble([outer[2]!, ...small, outer[0]!])).toMatchObject({
      whole: [{ gsoSize: 112, segments: 4 }],
    });
    expect(reassemble([first!, second!, third!]).whole[0]!.frame).toEqual(
      reassemble([outer[2]!, ...small, outer[0]!]).whole[0]!.frame,
    );
  });

  test('may have padding after them, which is no part of the datagram', () => {
    const [first, last] = fragmentsOf({ ...DATAGRAM, payload: new Uint8Array(100) }, PIECE, 1);
    const padded = Uint8Array.from([...last!, ...new Uint8Array(60 - last!.length).fill(0xee)]);
    expect(reassemble([padded, first!]).whole[0]!.frame).toHaveLength(HEADERS + 108);
  });
});

describe('fragments are delivered unchanged, in order,', () => {
  test('at the timeout if one is lost', () => {
    const [first, , third] = three();
    const [other] = three({ identification: 10 });
    const times = [0, SECOND, 15 * SECOND];
    const { passed, early } = reassemble([third!, first!, other!], (i) => times[i]!);
    expect([passed, early]).toEqual([[third, first, other], 2]);
  });

  test('without the one that arrives later', () => {
    const [first, second, third] = three();
    const times = [0, 0, 15 * SECOND];
    expect(reassemble([first!, second!, third!], (i) => times[i]!)).toMatchObject({
      whole: [],
      passed: [first, second, third],
    });
  });

  const change = (frame: Uint8Array, edit: (frame: Uint8Array) => void) => {
    const copy = frame.slice();
    edit(copy);
    put16(copy, 24, 0);
    put16(copy, 24, internetChecksum(copy, 14, HEADERS));
    return copy;
  };
  const [FIRST, SECOND_ONE, THIRD] = three();

  test.each([
    ['parts overlap', [FIRST!, change(SECOND_ONE!, (frame) => put16(frame, 20, 0x2000 | 12)), THIRD!]],
    [
      'a part comes again with other bytes',
      [FIRST!, change(FIRST!, (frame) => frame.fill(9, 60)), SECOND_ONE!, THIRD!],
    ],
    ['two end the datagram', [FIRST!, THIRD!, change(SECOND_ONE!, (frame) => put16(frame, 20, 13)), THIRD!]],
    ['one goes beyond its end', [change(SECOND_ONE!, (frame) => put16(frame, 20, 13)), FIRST!, THIRD!]],
    ['one went another way', [FIRST!, change(SECOND_ONE!, (frame) => frame.fill(63, 22, 23)), THIRD!]],
    ['one met congestion', [FIRST!, change(SECOND_ONE!, (frame) => frame.fill(3, 15, 16)), THIRD!]],
    ['the sum does not hold', [FIRST!, SECOND_ONE!, change(THIRD!, (frame) => frame.fill(1, 40, 44))]],
    ['there is no sum', [change(FIRST!, (frame) => put16(frame, 40, 0)), SECOND_ONE!, THIRD!]],
    [
      'the datagram says another length',
      [change(FIRST!, (frame) => put16(frame, 38, 300)), SECOND_ONE!, THIRD!],
    ],
    ['a header is spoiled', [FIRST!.map((byte, i) => (i === 24 ? byte ^ 1 : byte)), SECOND_ONE!, THIRD!]],
    [
      'they may not be fragmented',
      [FIRST!, SECOND_ONE!, THIRD!].map((one) =>
        change(one, (frame) => frame.fill(frame[20]! | 0x40, 20, 21)),
      ),
    ],
    [
      'one is no multiple of eight',
      [change(FIRST!, (frame) => put16(frame, 16, 20 + 103)), SECOND_ONE!, THIRD!],
    ],
    ['one reaches beyond 64 KiB', [change(FIRST!, (frame) => put16(frame, 20, 0x3fff)), SECOND_ONE!, THIRD!]],
    ['one has much behind it that is no part of it', [FIRST!, Uint8Array.from([...SECOND_ONE!, 0]), THIRD!]],
    ['one is cut', [FIRST!, SECOND_ONE!.subarray(0, 60), THIRD!]],
    ['it is TCP', [FIRST!, SECOND_ONE!, THIRD!].map((one) => change(one, (frame) => frame.fill(6, 23, 24)))],
    ['there are two tags', three({ tags: [0x88a8, 0x8100] })],
    ['they are of another VLAN', [three({ tags: [0x8100] })[0]!, ...three({ tags: [0x88a8] }).slice(1)]],
  ])('where %s', (_what, frames) => {
    const { whole, passed } = reassemble(frames);
    const text = (list: readonly Uint8Array[]) => list.map((one) => Buffer.from(one).toString('hex')).sort();
    expect([whole, text(passed)]).toEqual([[], text(frames)]);
  });

  test('of the oldest datagram if there are more datagrams than slots', () => {
    const many = Array.from({ length: 17 }, (_, i) => three({ identification: i }));
    const { whole, passed } = reassemble([
      ...many.map(([first]) => first!),
      ...many.slice(1).flatMap(([, second, third]) => [second!, third!]),
    ]);
    expect([whole.length, passed]).toEqual([16, [many[0]![0]]]);
  });
});

test('any fragment is delivered once, in a datagram or alone', () => {
  const step = fc.tuple(fc.nat(2), fc.nat(4), fc.nat(3), fc.nat(20 * 1000));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const sizes = [56, 64, PIECE];
      const frames = steps.map(([id, piece, size]) => {
        const of = fragmentsOf({ ...DATAGRAM, identification: id }, sizes[size % sizes.length]!, 1);
        return of[piece % of.length]!;
      });
      let now = 0;
      const times = steps.map(([, , , wait]) => (now += wait * 1_000_000));
      const { whole, passed, pieces } = reassemble(frames, (i) => times[i]!);
      const out = [...passed, ...pieces.flatMap((list) => [...list!])];
      const text = (list: readonly Uint8Array[]) =>
        new Set(list.map((one) => Buffer.from(one).toString('hex')));
      expect(text(out)).toEqual(text(frames));
      expect(whole.every(({ frame }) => frame.length === HEADERS + 308)).toBe(true);
    }),
    { numRuns: 100 },
  );
});
