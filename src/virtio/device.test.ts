import { describe, expect, test } from 'vitest';
import { Echo } from './echo-rig.ts';
import { LegacyRig } from './rig.ts';

const make = () => new LegacyRig((board) => new Echo(board));
const NOTIFY_ON_EMPTY = 24;
const INDIRECT_DESC = 28;
const EVENT_IDX = 29;

describe('a kick', () => {
  test('reaches the device, which answers in the same queue', () => {
    const rig = make().start();
    const head = rig.send(1, Uint8Array.of(7, 8, 9), 4);
    expect([rig.device.kicks, rig.guests[1]!.take()]).toEqual([[1], [[head, 3]]]);
    expect([...rig.guests[1]!.buffer(head, 1)]).toEqual([7, 8, 9, 0xdb]);
  });

  test('before DRIVER_OK is served nevertheless, with a finding, as by legacy devices', () => {
    const rig = make();
    rig.out(0x12, 0, 1);
    rig.in(0x12, 1);
    rig.setUpQueue(0);
    rig.send(0, Uint8Array.of(1), 1);
    expect([rig.device.kicks, rig.guests[0]!.usedIdx, rig.journal.count('virtio/INIT-D13')]).toEqual([
      [0],
      1,
      1,
    ]);
  });

  test('of a queue that is not set up does nothing', () => {
    const rig = make();
    rig.out(0x12, 0, 1);
    rig.kick(0);
    expect(rig.device.kicks).toEqual([]);
  });

  test.each([2, 3, 0xffff])('of queue %i, which does not exist, does nothing, with a finding', (index) => {
    const rig = make().start();
    rig.kick(index);
    expect([rig.device.kicks, rig.findings]).toEqual([
      [],
      [`virtio/PCI-KICK-D3 echo0 (00:04.0): queue ${index} was kicked, but the device has no such queue`],
    ]);
  });

  test('while bus mastering is off does nothing, with a finding', () => {
    const rig = make().start();
    rig.command(0x0003);
    rig.send(0, Uint8Array.of(1), 1);
    expect([rig.device.kicks, rig.guests[0]!.usedIdx, rig.findings]).toEqual([
      [],
      0,
      ['pci/BUS-MASTER echo0 (00:04.0): queue 0 was kicked while bus mastering was off'],
    ]);
  });

  test('serves what was offered while bus mastering was off, once it is on', () => {
    const rig = make().start();
    rig.command(0x0003);
    rig.send(0, Uint8Array.of(1), 1);
    rig.command(0x0007);
    rig.kick(0);
    expect(rig.guests[0]!.usedIdx).toBe(1);
  });

  test('of a stopped ring does nothing until the queue is set up again', () => {
    const rig = make().start();
    rig.guests[0]!.offer(99);
    rig.kick(0);
    rig.kick(0);
    const kicks = rig.device.kicks.length;
    rig.start().send(0, Uint8Array.of(1), 1);
    expect([kicks, rig.guests[0]!.usedIdx]).toEqual([1, 1]);
  });
});

describe('features', () => {
  test('that were not offered are dropped', () => {
    const rig = make();
    rig.out(0x04, 0xffff_ffff, 4);
    expect([rig.in(0x00, 4), rig.in(0x04, 4), rig.device.accepted.has(30)]).toEqual([
      0x7100_0003,
      0x7100_0003,
      true,
    ]);
  });

  test('of the ring take effect when they are accepted, and end with a reset', () => {
    const rig = make().start(NOTIFY_ON_EMPTY, INDIRECT_DESC, EVENT_IDX);
    const { device } = rig;
    const on = [device.notifyOnEmpty, device.indirect, device.eventIdx];
    rig.out(0x12, 0, 1);
    expect([on, [device.notifyOnEmpty, device.indirect, device.eventIdx]]).toEqual([
      [true, true, true],
      [false, false, false],
    ]);
  });

  test('beyond the first 32 are not available to a legacy driver', () => {
    const rig = make().start(0, 1);
    expect([...rig.device.accepted.words]).toEqual([3, 0, 0, 0]);
  });
});

describe('a reset by the driver', () => {
  test('forgets status, features, queues and configuration', () => {
    const rig = make().start(0);
    rig.out(0x14, 0x99, 1);
    rig.out(0x12, 0, 1);
    rig.out(0x0e, 0, 2);
    const { device } = rig;
    expect([
      rig.in(0x12, 1),
      rig.in(0x04, 4),
      rig.in(0x08, 4),
      device.queues.some(({ ready }) => ready),
      rig.in(0x14, 1),
    ]).toEqual([0, 0, 0, false, 1]);
  });

  test('counts as the first step of the next driver; a platform reset does not', () => {
    const [soft, hard] = [make().start(), make().start()];
    soft.out(0x12, 0, 1);
    soft.in(0x12, 1);
    soft.out(0x12, 1, 1);
    hard.device.reset('hard');
    hard.out(0x12, 1, 1);
    expect([soft, hard].map(({ journal }) => journal.count('virtio/INIT-D1'))).toEqual([0, 1]);
  });
});

test('a device without a transport takes no kicks and has only its name', () => {
  const rig = make();
  const alone = new Echo(rig.board);
  alone.notify(0);
  alone.change();
  expect([alone.kicks, alone.subject, alone.legacy]).toEqual([[], 'echo0', true]);
});
