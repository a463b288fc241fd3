import { describe, expect, test } from 'vitest';
import type { Budget } from '../../core/budget.ts';
import { Loopback } from '../../net/backends/index.ts';
import { ANY_LAYOUT, header, MRG_RXBUF, NetRig, plain, RX, TX } from './net-rig.ts';

const text = (...parts: readonly Uint8Array[]) =>
  parts.map((part) => Buffer.from(part).toString('hex')).join('');
/** The minimum buffer without MRG_RXBUF and without GSO: header and a full frame. */
const FULL = 10 + 1514;

/** The beginning of the buffer at `head`. */
const start = (rig: NetRig, head: number, length: number) =>
  text(rig.guests[RX]!.buffer(head).subarray(0, length));

describe('a frame, without MRG_RXBUF,', () => {
  test('follows a header of ten zeros, and no further byte is written', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    const [head] = rig.stock(RX, FULL);
    rig.device.receive(plain(60));
    expect([rig.guests[RX]!.take(), start(rig, head!, 71), rig.said]).toEqual([
      [[head, 70]],
      `${text(new Uint8Array(10), plain(60))}db`,
      [],
    ]);
  });

  test('waits until there is a buffer', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.device.receive(plain(60));
    const early = [rig.guests[RX]!.take(), rig.intx];
    const [head] = rig.stock(RX, FULL);
    expect([early, rig.guests[RX]!.take(), rig.intx]).toEqual([[[], false], [[head, 70]], true]);
  });

  test('that does not fit is dropped, and its buffer is used for the next', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    const [head] = rig.stock(RX, 69);
    rig.device.receive(plain(60));
    const dropped = [rig.device.dropped, rig.guests[RX]!.take()];
    rig.device.receive(plain(59));
    expect([dropped, rig.guests[RX]!.take()]).toEqual([[1, []], [[head, 69]]]);
    expect(rig.said[0]).toBe('RXB-D2: a receive buffer has 69 bytes');
  });

  test('may be spread over the parts of a buffer', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    const head = rig.send(RX, 10, 20, FULL);
    rig.device.receive(plain(60));
    const parts = [0, 1, 2].map((i) => rig.guests[RX]!.buffer(head, i));
    expect([text(parts[0]!), text(parts[1]!), text(parts[2]!.subarray(0, 40))]).toEqual([
      text(new Uint8Array(10)),
      text(plain(20)),
      text(plain(60).subarray(20)),
    ]);
  });

  test.each([
    ['the header is a part of its own', [10, 1514], 0],
    ['the header shares a part with the frame', [FULL], 1],
  ])('is checked without ANY_LAYOUT: %s', (_what, parts, findings) => {
    const rig = new NetRig({ ringFeatures: [] }).start();
    rig.send(RX, ...parts);
    rig.device.receive(plain(60));
    expect([rig.journal.count('virtio/NET-FRAME-LEG-D1'), rig.guests[RX]!.usedIdx]).toEqual([findings, 1]);
  });

  test('does not change the readable parts of a buffer, with a finding', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    const head = rig.send(RX, plain(4), FULL);
    rig.device.receive(plain(60));
    expect([text(rig.guests[RX]!.buffer(head, 0)), rig.guests[RX]!.take(), rig.said]).toEqual([
      text(plain(4)),
      [[head, 70]],
      ['IMP-2: a receive chain has 1 readable descriptor'],
    ]);
  });
});

describe('a frame, with MRG_RXBUF,', () => {
  const merging = () => new NetRig().start(ANY_LAYOUT, MRG_RXBUF);

  test('has twelve bytes of header with a buffer count of one', () => {
    const rig = merging();
    const [head] = rig.stock(RX, 1526);
    rig.device.receive(plain(60));
    expect([rig.guests[RX]!.take(), start(rig, head!, 72)]).toEqual([
      [[head, 72]],
      text(header({}, 1), plain(60)),
    ]);
  });

  test('takes as many buffers as it needs, with a header in the first', () => {
    const rig = merging();
    const heads = rig.stock(RX, 64, 64, 64, 64);
    rig.device.receive(plain(120));
    const [first, second, third] = heads.map((head) => rig.guests[RX]!.buffer(head));
    expect(rig.guests[RX]!.take()).toEqual([
      [heads[0], 64],
      [heads[1], 64],
      [heads[2], 4],
    ]);
    expect(text(first!, second!, third!.subarray(0, 5))).toBe(`${text(header({}, 3), plain(120))}db`);
  });

  test('fills buffers to the last byte without taking another', () => {
    const rig = merging();
    const heads = rig.stock(RX, 64, 64, 64);
    rig.device.receive(plain(116));
    expect(rig.guests[RX]!.take()).toEqual([
      [heads[0], 64],
      [heads[1], 64],
    ]);
  });

  test('takes no buffer while there are too few, and all once there are enough', () => {
    const rig = merging();
    const [first] = rig.stock(RX, 64);
    rig.device.receive(plain(100));
    const few = rig.guests[RX]!.take();
    const [second] = rig.stock(RX, 64);
    expect([few, rig.guests[RX]!.take(), rig.said]).toEqual([
      [],
      [
        [first, 64],
        [second, 48],
      ],
      [],
    ]);
  });

  test('continues over the end of the ring', () => {
    const rig = merging();
    const lengths: number[] = [];
    for (let i = 0; i < 20; i++) {
      rig.stock(RX, 32, 32, 32);
      rig.device.receive(plain(60 + i));
      lengths.push(rig.guests[RX]!.take().reduce((sum, [, length]) => sum + length, 0));
    }
    expect([lengths, rig.said]).toEqual([Array.from({ length: 20 }, (_, i) => 72 + i), []]);
  });

  test('uses buffers too short for a header, with a finding', () => {
    const rig = merging();
    const [first, second] = rig.stock(RX, 8, 64);
    rig.device.receive(plain(40));
    expect([rig.guests[RX]!.take(), rig.said[0]]).toEqual([
      [
        [first, 8],
        [second, 44],
      ],
      'RXB-D3: a receive buffer has 8 bytes',
    ]);
  });
});

describe('frames', () => {
  test('that come together cause one interrupt', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.stock(RX, FULL, FULL, FULL);
    const levels: boolean[] = [];
    rig.links[3]!.onChange = (level) => levels.push(level);
    rig.device.receiveAll([plain(60), plain(61), plain(62)]);
    expect([rig.guests[RX]!.take().map(([, length]) => length), levels]).toEqual([[70, 71, 72], [true]]);
  });

  test('wait in order, 4096 of them, and further ones are dropped', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    for (let i = 0; i < 4098; i++) rig.device.receive(plain(60 + (i % 100)));
    rig.stock(RX, FULL, FULL);
    expect([rig.device.dropped, rig.guests[RX]!.take().map(([, length]) => length)]).toEqual([2, [70, 71]]);
  });

  test('that come while one is being placed wait after it', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    const [first, second] = rig.stock(RX, FULL, FULL);
    const late = [plain(61)];
    // A host that caches code is notified in the middle of the device's work.
    rig.board.memory.dirty = () => {
      for (const frame of late.splice(0)) rig.device.receive(frame);
    };

    rig.device.receive(plain(60));

    expect([start(rig, first!, 70), start(rig, second!, 71)]).toEqual([
      text(new Uint8Array(10), plain(60)),
      text(new Uint8Array(10), plain(61)),
    ]);
  });

  test('cause an interrupt, though the last of them used up the budget', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.stock(RX, FULL, FULL);
    rig.device.receive(plain(60));
    // As after about sixty thousand frames.
    const { budget } = rig.device as unknown as { readonly budget: Budget };
    budget.left = 1;

    rig.device.receive(plain(61));

    expect(rig.guests[RX]!.take().map(([, length]) => length)).toEqual([70, 71]);
  });

  test('that wait are forgotten by a reset', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.device.receive(plain(60));
    rig.start(ANY_LAYOUT);
    rig.stock(RX, FULL);
    expect(rig.guests[RX]!.take()).toEqual([]);
  });

  test('wait while bus mastering is off', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.stock(RX, FULL, FULL);
    rig.command(0x0003);
    rig.device.receive(plain(60));
    const off = rig.guests[RX]!.take();
    rig.command(0x0007);
    rig.device.receive(plain(61));
    expect([off, rig.guests[RX]!.take().map(([, length]) => length)]).toEqual([[], [70, 71]]);
  });

  test('are not received while the link is down, without an interrupt', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.stock(RX, FULL);
    const seen: unknown[] = [];
    rig.device.wire.onFrame = (frame, sent) => seen.push([frame.length, sent]);
    rig.device.setLink(false);
    rig.device.receive(plain(60));
    rig.device.setLink(true);
    rig.device.receive(plain(61));
    expect([rig.guests[RX]!.take().map(([, length]) => length), seen]).toEqual([[71], [[61, false]]]);
  });

  test('that are looped back while being sent are received after the kick', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    rig.device.plug(new Loopback());
    const heads = rig.stock(RX, FULL, FULL);
    const guest = rig.guests[TX]!;
    const during: number[] = [];
    rig.device.wire.onFrame = () => during.push(rig.guests[RX]!.usedIdx);
    guest.offer(guest.chain(header(), plain(60)), guest.chain(header(), plain(61)));
    rig.kick(TX);
    expect([during, rig.guests[RX]!.take()]).toEqual([
      [0, 0, 0, 0],
      [
        [heads[0], 70],
        [heads[1], 71],
      ],
    ]);
  });

  test('of a disconnected backend are not received', () => {
    const rig = new NetRig().start(ANY_LAYOUT);
    const loop = new Loopback();
    rig.device.plug(loop);
    rig.device.plug(null);
    rig.stock(RX, FULL);
    loop.send(plain(60));
    rig.send(TX, header(), plain(60));
    expect(rig.guests[RX]!.take()).toEqual([]);
  });
});
