import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import {
  anyLargeFrame,
  fragmentsOf,
  frameOf,
  type LargeFrame,
  largeFrame,
  segmentsOf,
} from './large-frame-rig.ts';
import { type Cut, Segmenter } from './segmenter.ts';

const MACS = '42010a800001 42010a800002';
/** Ten bytes of payload, FIN PSH ACK CWR, time stamps; identification and sequence number about to wrap. */
const LARGE = `0800 4500003e ffff4000 40060000 0a800002 0a800001
  c0000050 fffffffe 01020304 80991000 00000000 0101080a 11111111 22222222 6162636465666768696a`;

const SIMPLE = largeFrame({ identification: 1, payload: new Uint8Array(200).fill(1) });

/** Cuts, and keeps copies; `done` is the result of `segment`. */
const cut = (frame: Uint8Array, gsoSize: number, by: Cut = 'TCPV4') => {
  const frames: Uint8Array[] = [];
  const done = new Segmenter().segment(frame, by, gsoSize, {
    send: (segment) => frames.push(segment.slice()),
  });
  return { done, frames };
};

/** RFC 1071 by plain addition; ffff over a header with a good checksum. */
const sum = (bytes: Uint8Array, seed = 0) => {
  const words = Array.from(bytes, (byte, i) => (i % 2 === 0 ? byte * 256 : byte));
  return ((words.reduce((total, word) => total + word, seed) - 1) % 65535) + 1;
};
const pseudo = (ip: Uint8Array, length: number) => sum(ip.subarray(12, 20), 6 + length);

describe('segmentation', () => {
  test('makes the segments that another program made, whose sums tshark calls good', () => {
    expect(cut(hex(MACS + LARGE), 4).frames).toEqual(
      [
        `45000038 ffff4000 400625be 0a800002 0a800001
         c0000050 fffffffe 01020304 80901000 61b40000 0101080a 11111111 22222222 61626364`,
        `45000038 00004000 400625be 0a800002 0a800001
         c0000050 00000002 01020304 80101000 5a290000 0101080a 11111111 22222222 65666768`,
        `45000036 00014000 400625bf 0a800002 0a800001
         c0000050 00000006 01020304 80191000 bd820000 0101080a 11111111 22222222 696a`,
      ].map((segment) => hex(`${MACS}0800${segment}`)),
    );
  });

  test('ignores the driver’s lengths and checksums', () => {
    const other = LARGE.replace('4500003e', '45000000').replace('40060000', '4006beef');
    expect(cut(hex(MACS + other.replace('80991000 0000', '80991000 dead')), 4)).toEqual(
      cut(hex(MACS + LARGE), 4),
    );
  });

  test('keeps a VLAN tag and IP options on every segment, and includes the options in the checksum', () => {
    const options = LARGE.replace('4500', '4600').replace('0a800001', '0a800001 94040000'); // router alert
    const { frames } = cut(hex(`${MACS} 8100 0064 ${options}`), 4);
    expect(frames).toHaveLength(3);
    for (const frame of frames) {
      const ip = frame.subarray(18);
      expect(frame.subarray(12, 18)).toEqual(hex('8100 0064 0800'));
      expect(ip.subarray(20, 24)).toEqual(hex('94040000'));
      expect(sum(ip.subarray(0, 24))).toBe(0xffff);
      expect(sum(ip.subarray(24), pseudo(ip, ip.length - 24))).toBe(0xffff);
    }
  });

  test('of a payload that fits one segment sends one, all flags kept', () => {
    const { frames } = cut(hex(MACS + LARGE), 10);
    expect(frames).toHaveLength(1);
    expect(frames[0]![47]).toBe(0x99);
    expect(sum(frames[0]!.subarray(34), pseudo(frames[0]!.subarray(14), 42))).toBe(0xffff);
  });

  test('without payload sends the headers', () => {
    expect(cut(hex(MACS + LARGE).subarray(0, 66), 10).frames).toHaveLength(1);
  });

  test('cuts 64 KiB at 1,460 bytes into 45 frames that hold every byte', () => {
    const headers = hex(MACS + LARGE).subarray(0, 66);
    const payload = Uint8Array.from({ length: 65_483 }, (_, i) => i * 7); // 65,535 with IP and TCP headers
    const { frames } = cut(Uint8Array.from([...headers, ...payload]), 1460);
    expect(frames).toHaveLength(45);
    expect(Buffer.concat(frames.map((frame) => frame.subarray(66))).equals(payload)).toBe(true);
  });

  test.each([
    ['a gso_size of 0', LARGE, 0],
    ['another EtherType', LARGE.replace('0800', '86dd'), 4],
    ['another protocol', LARGE.replace('40060000', '40110000'), 4],
    ['a fragment', LARGE.replace('4000', '2000'), 4],
  ])('refuses %s and sends nothing', (_, large, gsoSize) => {
    expect(cut(hex(MACS + large), gsoSize)).toEqual({ done: false, frames: [] });
  });

  test('refuses a frame cut anywhere in its headers', () => {
    const whole = hex(MACS + LARGE);
    const lengths = Array.from({ length: 66 }, (_, length) => length);
    expect(lengths.filter((length) => cut(whole.subarray(0, length), 4).done)).toEqual([]);
  });

  test('refuses a segment too long for IP’s length field', () => {
    const frame = new Uint8Array(14 + 65_536);
    frame.set(hex(MACS + LARGE));
    expect(cut(frame, 65_535).done).toBe(false);
    expect(cut(frame.subarray(0, -1), 65_535).done).toBe(true);
  });

  test('throws on an empty frame', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.nat(100),
        fc.nat(255),
        fc.nat(20),
        (rest, at, value, gso) => {
          const frame = Uint8Array.from([...hex(MACS + LARGE), ...rest]);
          frame[at] = value;
          expect(cut(frame, gso).done).toBeTypeOf('boolean');
        },
      ),
    );
  });
});

describe('segments and fragments match those of another segmenter, written from the RFCs', () => {
  const cutOf = ({ protocol, version }: LargeFrame): Cut =>
    protocol === 'udp' ? 'UDP_L4' : version === 4 ? 'TCPV4' : 'TCPV6';

  test('for TCP and UDP over both versions, with options, extension headers and tags', () => {
    fc.assert(
      fc.property(anyLargeFrame(120), fc.integer({ min: 1, max: 130 }), (large, size) => {
        expect(cut(frameOf(large, 'partial'), size, cutOf(large)).frames).toEqual(segmentsOf(large, size));
      }),
      { numRuns: 300 },
    );
  });

  test('for datagrams in fragments', () => {
    fc.assert(
      fc.property(anyLargeFrame(120), fc.integer({ min: 8, max: 160 }), (some, size) => {
        const large = { ...some, protocol: 'udp' as const };
        expect(cut(frameOf(large, 'partial'), size, 'UDP').frames).toEqual(fragmentsOf(large, size, 1));
      }),
      { numRuns: 300 },
    );
  });

  test('64 KiB of TCP over IPv6 at 1,440 bytes are 46 frames', () => {
    const payload = Uint8Array.from({ length: 65_515 }, (_, i) => i * 7); // 65,535 with the TCP header
    const { frames } = cut(frameOf({ ...SIMPLE, version: 6, payload }, 'partial'), 1440, 'TCPV6');
    expect(frames).toEqual(segmentsOf({ ...SIMPLE, version: 6, payload }, 1440));
    expect(frames).toHaveLength(46);
  });

  test('each datagram over IPv6 has an identification of its own', () => {
    const segmenter = new Segmenter();
    const large = { ...SIMPLE, version: 6 as const, protocol: 'udp' as const };
    const frames: Uint8Array[] = [];
    const send = (frame: Uint8Array) => frames.push(frame.slice());
    for (let i = 0; i < 2; i++) segmenter.segment(frameOf(large, 'partial'), 'UDP', 64, { send });
    expect(frames).toEqual([...fragmentsOf(large, 64, 1), ...fragmentsOf(large, 64, 2)]);
  });

  test.each([
    ['TCP over IPv4 where IPv6 is named', { version: 4, protocol: 'tcp' }, 'TCPV6', 64],
    ['UDP where TCP is named', { version: 4, protocol: 'udp' }, 'TCPV4', 64],
    ['TCP where UDP is named', { version: 6, protocol: 'tcp' }, 'UDP_L4', 64],
    ['TCP where fragments are named', { version: 4, protocol: 'tcp' }, 'UDP', 64],
    ['fragments of fewer than eight bytes', { version: 4, protocol: 'udp' }, 'UDP', 7],
  ] as const)('%s: nothing is sent', (_, kind, by, size) => {
    expect(cut(frameOf({ ...SIMPLE, ...kind }, 'partial'), size, by)).toEqual({ done: false, frames: [] });
  });
});
