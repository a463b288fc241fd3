import { describe, expect, test } from 'vitest';
import { hex } from '../../core/bytes-rig.ts';
import {
  ANY_LAYOUT,
  CSUM,
  HOST_ECN,
  HOST_TSO4,
  header,
  LARGE,
  MRG_RXBUF,
  NetRig,
  plain,
  TX,
} from './net-rig.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const NEEDS_CSUM = 1;
const TCPV4 = 1;

describe('a frame', () => {
  test('is sent unchanged, and its buffers are returned with nothing written', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    const head = rig.send(TX, header(), plain(60));
    expect([rig.sentFrames, rig.guests[TX]!.take(), rig.said]).toEqual([[text(plain(60))], [[head, 0]], []]);
  });

  test.each([
    ['with the header in one piece', [join(header(), plain(60))]],
    ['with the header cut', [header().slice(0, 3), header().slice(3), plain(60)]],
    ['cut anywhere', [header(), plain(60).slice(0, 1), plain(60).slice(1, 59), plain(60).slice(59)]],
  ])('%s is the same with ANY_LAYOUT, and a finding without', (_how, parts) => {
    const [free, strict] = [new NetRig().start(ANY_LAYOUT), new NetRig({ ringFeatures: [] }).start()];
    free.send(TX, ...parts);
    strict.send(TX, ...parts);
    const framing = parts[0]!.length === 10 ? 0 : 1;
    expect([free.sentFrames, strict.sentFrames]).toEqual(Array(2).fill([text(plain(60))]));
    expect([free, strict].map(({ journal }) => journal.count('virtio/NET-FRAME-LEG-D1'))).toEqual([
      0,
      framing,
    ]);
  });

  test('has twelve bytes of header with MRG_RXBUF', () => {
    const rig = new NetRig().start(ANY_LAYOUT, MRG_RXBUF);
    rig.send(TX, header({}, 0), plain(60));
    expect([rig.sentFrames, rig.said]).toEqual([[text(plain(60))], []]);
  });

  test('of minimum length, an Ethernet header, is sent', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.send(TX, header(), plain(14));
    expect([rig.sentFrames, rig.said]).toEqual([[text(plain(14))], []]);
  });

  test.each([
    ['a header and less than an Ethernet header', 10 + 13],
    ['less than a header', 9],
  ])('that is %s is not sent, with a finding, and its buffers are returned', (_what, length) => {
    const rig = new NetRig().start(ANY_LAYOUT);
    const head = rig.send(TX, plain(length));
    expect([rig.sentFrames, rig.guests[TX]!.take(), rig.said]).toEqual([
      [],
      [[head, 0]],
      [`TX-D1: a transmit chain has ${length} bytes, and a header and that of Ethernet are 24`],
    ]);
  });

  test('longer than any packet is not sent, and its buffers are returned', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    const head = rig.send(TX, header(), new Uint8Array(66_000));
    expect([rig.sentFrames, rig.guests[TX]!.take()]).toEqual([[], [[head, 0]]]);
  });

  test('with a writable part is sent without it, with a finding', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    const head = rig.send(TX, header(), plain(60), 4);
    expect([rig.sentFrames, rig.said]).toEqual([
      [text(plain(60))],
      ['IMP-2: a transmit chain has 1 writable descriptor'],
    ]);
    expect(text(rig.guests[TX]!.buffer(head, 2))).toBe('dbdbdbdb');
  });

  test('is lost while the link is down, and its buffers are returned', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.device.setLink(false);
    rig.send(TX, header(), plain(60));
    const down = [rig.sentFrames, rig.guests[TX]!.take().length];
    rig.device.setLink(true);
    rig.send(TX, header(), plain(60));
    expect([down, rig.sentFrames.length]).toEqual([[[], 1], 1]);
  });

  test('among several of one kick is sent in order, with one interrupt for all', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    const guest = rig.guests[TX]!;
    guest.offer(
      guest.chain(header(), plain(60)),
      guest.chain(header(), plain(61)),
      guest.chain(header(), plain(62)),
    );
    const levels: boolean[] = [];
    rig.links[3]!.onChange = (level) => levels.push(level);
    rig.kick(TX);
    expect([rig.wire.frames.map(({ length }) => length), levels]).toEqual([[60, 61, 62], [true]]);
  });

  test('is shown to a listener', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    const seen: unknown[] = [];
    rig.device.wire.onFrame = (frame, sent) => seen.push([frame.length, sent]);
    rig.send(TX, header(), plain(60));
    expect(seen).toEqual([[60, true]]);
  });
});

describe('a partial checksum', () => {
  /** After the Ethernet header: 1111, a checksum field with 0, 2222; together 3333, whose complement is cccc. */
  const frame = hex('42010a800001 42010a800002 88b5 1111 0000 2222');
  const wanted = header({ flags: NEEDS_CSUM, start: 14, offset: 2 });

  test('is completed at the driver’s offset', () => {
    const rig = new NetRig().start(ANY_LAYOUT, CSUM);
    rig.send(TX, wanted, frame);
    expect([rig.sentFrames, rig.said]).toEqual([['42010a80000142010a80000288b51111cccc2222'], []]);
  });

  test('does not change the driver’s RAM', () => {
    const rig = new NetRig().start(ANY_LAYOUT, CSUM);
    const head = rig.send(TX, wanted, frame);
    expect(text(rig.guests[TX]!.buffer(head, 1))).toBe(text(frame));
  });

  test('is not completed without the flag', () => {
    const rig = new NetRig().start(ANY_LAYOUT, CSUM);
    rig.send(TX, header({ start: 14, offset: 2 }), frame);
    expect(rig.sentFrames).toEqual([text(frame)]);
  });

  test('that lies outside the frame is a finding, and the frame is sent unchanged', () => {
    const rig = new NetRig().start(ANY_LAYOUT, CSUM);
    rig.send(TX, header({ flags: NEEDS_CSUM, start: 14, offset: 5 }), frame);
    expect([rig.sentFrames, rig.said]).toEqual([
      [text(frame)],
      ['TX-D22: the checksum lies outside the frame; csum_start is 14'],
    ]);
  });

  test('without CSUM is a finding, and is not completed', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.send(TX, wanted, frame);
    expect([rig.sentFrames, rig.said]).toEqual([
      [text(frame)],
      ['TX-D3: the flags of a frame are 01, without CSUM'],
    ]);
  });
});

describe('segmentation', () => {
  const cut = { flags: NEEDS_CSUM, gso: TCPV4, hdrLen: 66, size: 4, start: 34, offset: 16 };

  test('makes frames of headers and gso_size bytes', () => {
    const rig = new NetRig().start(ANY_LAYOUT, CSUM, HOST_TSO4);
    const head = rig.send(TX, header(cut), LARGE);
    const payloads = rig.wire.frames.map((frame) => Buffer.from(frame.subarray(66)).toString());
    expect([payloads, rig.guests[TX]!.take(), rig.said]).toEqual([['abcd', 'efgh', 'ij'], [[head, 0]], []]);
  });

  test('may come with the ECN bit', () => {
    const rig = new NetRig({ offer: [HOST_ECN] }).start(ANY_LAYOUT, CSUM, HOST_TSO4, HOST_ECN);
    rig.send(TX, header({ ...cut, gso: TCPV4 | 0x80 }), LARGE);
    expect([rig.wire.frames.length, rig.said]).toEqual([3, []]);
  });

  test('without HOST_TSO4 is a finding, and the frame is sent whole', () => {
    const rig = new NetRig().start(ANY_LAYOUT, CSUM);
    rig.send(TX, header(cut), LARGE);
    expect([rig.wire.frames.map(({ length }) => length), rig.said]).toEqual([
      [LARGE.length],
      ['TX-D5: gso_type of a frame is 1, without HOST_TSO4'],
    ]);
  });

  test('of a frame other than TCP over IPv4 is a finding, and nothing is sent', () => {
    const rig = new NetRig().start(ANY_LAYOUT, CSUM, HOST_TSO4);
    rig.send(TX, header(cut), plain(100));
    expect([rig.sentFrames, rig.said]).toEqual([
      [],
      ['IMP-7: a frame with gso_type 1 is no whole packet of TCP over IPv4'],
    ]);
  });

  test('into segments of 0 bytes is a finding, and ends', () => {
    const rig = new NetRig().start(ANY_LAYOUT, CSUM, HOST_TSO4);
    rig.send(TX, header({ ...cut, size: 0 }), LARGE);
    expect([rig.sentFrames, rig.said]).toEqual([[], ['TX-D25: gso_size of a frame with gso_type 1 is 0']]);
  });

  test.each([
    [
      'without NEEDS_CSUM',
      { ...cut, flags: 0 },
      'TX-D24: the flags of a frame with gso_type 1 are 00, without NEEDS_CSUM',
    ],
    ['of TCP over IPv6', { ...cut, gso: 4 }, 'TX-D6: gso_type of a frame is 4, without HOST_TSO6'],
    ['of UDP', { ...cut, gso: 3 }, 'TX-D7: gso_type of a frame is 3, without HOST_UFO'],
    ['with DATA_VALID', { ...cut, flags: 3 }, 'TX-D33: the flags of a frame that was sent are 03'],
    ['with RSC_INFO', { ...cut, flags: 5 }, 'TX-D33: the flags of a frame that was sent are 05'],
  ])('%s is a finding', (_how, fields, said) => {
    const rig = new NetRig().start(ANY_LAYOUT, CSUM, HOST_TSO4);
    rig.send(TX, header(fields), LARGE);
    expect(rig.said).toEqual([said]);
  });
});

describe('a header of the wrong size', () => {
  /** Broadcast from 42:01:0a:80:00:02, IPv4. */
  const IPV4 = hex('ffffffffffff 42010a800002 0800 450000280000400040060000');

  test.each([
    ['of 10 bytes where it has 12', [MRG_RXBUF], 10, 12],
    ['of 12 bytes where it has 10', [], 12, 10],
  ])('%s, in one buffer with its frame, is reported as that alone', (_what, features, sent, right) => {
    const rig = new NetRig().start(ANY_LAYOUT, ...features);
    rig.send(TX, Uint8Array.of(...new Uint8Array(sent), ...IPV4));
    expect(rig.said).toEqual([
      `TX-D1: a frame was sent after a header of ${sent} bytes, but it has ${right}`,
    ]);
  });

  test('is recognised by a first buffer of 10 bytes, whatever the frame is', () => {
    const rig = new NetRig().start(ANY_LAYOUT, MRG_RXBUF);
    rig.send(TX, new Uint8Array(10), Uint8Array.of(0xff, 0xff, ...plain(60)));
    expect(rig.said).toEqual(['TX-D1: a frame was sent after a header of 10 bytes, but it has 12']);
  });
});

test('num_buffers that is not 0 is a finding with MRG_RXBUF, and part of the frame without', () => {
  const [merging, plainly] = [new NetRig().start(ANY_LAYOUT, MRG_RXBUF), new NetRig().start(ANY_LAYOUT)];
  for (const rig of [merging, plainly]) rig.send(TX, header({}, 0x0201), plain(60));
  expect([merging.said, plainly.said]).toEqual([['TX-D2: num_buffers of a frame that was sent is 513'], []]);
  expect([merging.sentFrames, plainly.sentFrames]).toEqual([[text(plain(60))], [`0102${text(plain(60))}`]]);
});
