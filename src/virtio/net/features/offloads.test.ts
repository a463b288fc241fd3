import { describe, expect, test } from 'vitest';
import { hex } from '../../../core/bytes-rig.ts';
import {
  ANY_LAYOUT,
  CONTROL,
  CSUM,
  CTRL_GUEST_OFFLOADS,
  CTRL_VQ,
  GUEST_CSUM,
  GUEST_TSO4,
  HOST_TSO4,
  header,
  LARGE,
  MRG_RXBUF,
  NetRig,
  plain,
  RX,
  TX,
} from '../net-rig.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** The beginning of the buffer at `head`. */
const start = (rig: NetRig, head: number, length: number) =>
  text(rig.guests[RX]!.buffer(head).subarray(0, length));

describe('coalescing', () => {
  const BIG = 65_562;
  const large = { flags: 1, gso: 1, hdrLen: 66, size: 4, start: 34, offset: 16 };
  /** LARGE as part of a stream: only PSH and ACK, and an identification that does not wrap. */
  const stream = Uint8Array.from(LARGE, (byte, i) => ({ 18: 0x00, 19: 0x01, 47: 0x18 })[i] ?? byte);

  /** The three segments that a NIC cuts it into. */
  const segments = () => {
    const other = new NetRig().start(ANY_LAYOUT, CSUM, HOST_TSO4);
    other.send(TX, header(large), stream);
    return other.wire.frames;
  };

  test('gives the guest one frame for segments that come together, with the size to cut it again', () => {
    const rig = new NetRig().start(ANY_LAYOUT, GUEST_CSUM, GUEST_TSO4);
    const [head] = rig.stock(RX, BIG, BIG);
    rig.device.receiveAll(segments());
    expect([rig.guests[RX]!.take(), rig.said]).toEqual([[[head, 10 + stream.length]], []]);
    expect(start(rig, head!, 10)).toBe(text(header(large)));
    expect(text(rig.guests[RX]!.buffer(head!).subarray(10 + 66, 10 + 76))).toBe(text(stream.subarray(66)));
  });

  test('does not change frames that come one by one', () => {
    const rig = new NetRig().start(ANY_LAYOUT, GUEST_CSUM, GUEST_TSO4);
    const heads = rig.stock(RX, BIG, BIG, BIG);
    for (const segment of segments()) rig.device.receive(segment);
    expect(rig.guests[RX]!.take()).toEqual([
      [heads[0], 80],
      [heads[1], 80],
      [heads[2], 78],
    ]);
    // DATA_VALID: the card checked the checksums.
    expect(start(rig, heads[0]!, 10)).toBe(text(header({ flags: 2 })));
  });

  test('needs GUEST_TSO4', () => {
    const rig = new NetRig().start(ANY_LAYOUT, GUEST_CSUM);
    rig.stock(RX, 1524, 1524, 1524);
    rig.device.receiveAll(segments());
    expect(rig.guests[RX]!.take().length).toBe(3);
  });

  test('needs GUEST_CSUM: the guest would have to complete the checksum', () => {
    const rig = new NetRig().start(ANY_LAYOUT, GUEST_TSO4);
    const heads = rig.stock(RX, BIG, BIG, BIG);
    rig.device.receiveAll(segments());
    expect(heads.map((head) => rig.guests[RX]!.buffer(head)[0])).toEqual([0, 0, 0]);
    expect(rig.guests[RX]!.take().length).toBe(3);
  });

  // Without any offload, with TSO4 alone (which does not cover checksums), and with checksums alone.
  test.each(['0000000000000000', '8000000000000000', '0200000000000000'])(
    'is undone for waiting frames when the driver switches to %s: segments with complete checksums',
    (mask) => {
      const features = [ANY_LAYOUT, GUEST_CSUM, GUEST_TSO4, CTRL_VQ, CTRL_GUEST_OFFLOADS];
      const rig = new NetRig().start(...features);
      const wanted = segments();
      rig.device.receiveAll(wanted);
      rig.send(CONTROL, hex('0500'), hex(mask), 1);
      const heads = rig.stock(RX, BIG, BIG, BIG);
      expect(rig.guests[RX]!.take().length).toBe(3);
      expect(heads.map((head, i) => start(rig, head, 10 + wanted[i]!.length))).toEqual(
        wanted.map((frame) => text(header()) + text(frame)),
      );
    },
  );

  test('is turned off and on by the driver, and is on again after a reset', () => {
    const features = [ANY_LAYOUT, MRG_RXBUF, GUEST_CSUM, GUEST_TSO4, CTRL_VQ, CTRL_GUEST_OFFLOADS];
    const rig = new NetRig().start(...features);
    const set = (mask: string) => rig.send(CONTROL, hex('0500'), hex(mask), 1);
    const count = () => {
      rig.stock(RX, 1526, 1526, 1526);
      rig.device.receiveAll(segments());
      return rig.guests[RX]!.take().length;
    };
    const seen = [count()];
    set('0200000000000000');
    seen.push(count());
    set('8200000000000000');
    seen.push(count());
    set('0000000000000000');
    rig.start(...features);
    seen.push(count());
    expect([seen, rig.said]).toEqual([[1, 3, 1, 1], []]);
  });

  test('requires buffers of 64 KiB, unless they merge', () => {
    const [alone, merging] = [
      new NetRig().start(ANY_LAYOUT, GUEST_CSUM, GUEST_TSO4),
      new NetRig().start(ANY_LAYOUT, GUEST_CSUM, GUEST_TSO4, MRG_RXBUF),
    ];
    for (const rig of [alone, merging]) {
      rig.stock(RX, 1526);
      rig.device.receive(plain(60));
    }
    expect([alone.said, merging.said]).toEqual([['RXB-D1: a receive buffer has 1526 bytes'], []]);
  });
});
