import { describe, expect, test } from 'vitest';
import { HIGH, INDIRECT, NEXT, QueueRig, RingGuest } from './queue-rig.ts';

const AT = 0x18_0000;
const TABLE = 0x19_0000;
const RAM_END = 2 << 20;

describe('with IN_ORDER, descriptors follow one another', () => {
  test.each([
    ['1', 0, 1, []],
    ['2', 0, 2, ['virtio/VQ-DESC-D2 queue: with IN_ORDER, next of descriptor 0 is 2']],
    ['0 after the last', 7, 0, []],
    ['1 after the last', 7, 1, ['virtio/VQ-DESC-D2 queue: with IN_ORDER, next of descriptor 7 is 1']],
  ])('in the ring: %s', (_what, first, second, findings) => {
    const rig = new QueueRig(8, { inOrder: true });
    rig.guest.describe(first, AT, 4, NEXT, second);
    rig.guest.describe(second, AT, 4);
    rig.guest.offer(first);

    expect([rig.queue.pop(), rig.queue.chain.count, rig.findings]).toEqual([true, 2, findings]);
  });

  test.each([
    [1, []],
    [2, ['virtio/VQ-IND-D5 queue: with IN_ORDER, next of descriptor 0 is 2']],
  ])('in a table: %i', (second, findings) => {
    const rig = new QueueRig(8, { inOrder: true, indirect: true });
    rig.guest.describe(0, TABLE, 48, INDIRECT);
    rig.guest.describe(0, AT, 4, NEXT, second, TABLE);
    rig.guest.describe(second, AT, 4, 0, 0, TABLE);
    rig.guest.offer(0);

    expect([rig.queue.pop(), rig.findings]).toEqual([true, findings]);
  });

  test('a chain that was returned with a later one may be made available again', () => {
    const rig = new QueueRig(8, { inOrder: true });
    const [first, second] = [rig.guest.chain(4), rig.guest.chain(4)];
    rig.guest.offer(first, second);
    rig.popAll();
    rig.queue.pushWithLast(first, 0);
    rig.finish(second);
    rig.guest.offer(first);

    expect([rig.popAll(), rig.guest.usedIdx, rig.findings]).toEqual([[first], 2, []]);
  });
});

describe('a ring is taken only if all of it is RAM', () => {
  test.each([
    ['descriptors', RAM_END - 64, 0x2000, 0x3000],
    ['available ring', 0x1000, RAM_END - 20, 0x3000],
    ['used ring', 0x1000, 0x2000, RAM_END - 64],
  ])('%s', (_what, desc, driver, device) => {
    const { queue, journal } = new QueueRig();
    queue.configure(desc, driver, device);

    expect([queue.ready, queue.pop(), journal.count('virtio/RFEAT-D4')]).toEqual([false, false, 1]);
  });

  test.each([
    ['descriptors', RAM_END - 128, 0x2000, 0x3000],
    ['available ring', 0x1000, RAM_END - 22, 0x3000],
    // 8 entries of 8 bytes, flags, index and avail_event; aligned to 4.
    ['used ring', 0x1000, 0x2000, RAM_END - 72],
  ])('%s, up to its end', (_what, desc, driver, device) => {
    const { queue } = new QueueRig();
    queue.configure(desc, driver, device);

    expect(queue.ready).toBe(true);
  });
});

describe('a ring that is reset', () => {
  test('has its maximum size, no address and no chains', () => {
    const { queue, guest } = new QueueRig();
    queue.resize(4);
    guest.offer(guest.chain(4));
    const before = queue.address;
    queue.reset();

    expect([before, queue.address, queue.size, queue.pop()]).toEqual([guest.at, 0, 8, false]);
  });

  test('and set up again begins at 0, with nothing in flight', () => {
    const rig = new QueueRig();
    const { queue, guest } = rig;
    guest.offer(guest.chain(4));
    queue.pop();
    guest.idx = 0;
    guest.offer(0);
    queue.configure(guest.at, guest.avail, guest.used);

    expect([queue.pop(), queue.pop(), rig.findings]).toEqual([true, false, []]);
  });

  test('after it broke a rule is ready once it is set up again', () => {
    const { queue, guest } = new QueueRig();
    guest.offer(99);
    queue.pop();
    queue.reset();
    guest.idx = 0;
    queue.configure(guest.at, guest.avail, guest.used);

    expect(queue.ready).toBe(true);
  });
});

test('a ring that broke a rule gives no chain even when RAM moves', () => {
  const { queue, guest, board } = new QueueRig();
  guest.offer(99);
  queue.pop();
  guest.idx = 0;
  guest.offer(guest.chain(4));
  board.memory.epoch++;

  expect(queue.pop()).toBe(false);
});

describe('a table', () => {
  test.each([
    [
      'whose address would be RAM if cut to 32 bits',
      2 ** 63 + TABLE,
      'table at 8000000000190000 does not lie in RAM',
    ],
    ['that is not aligned to 4', TABLE + 2, 'table lies at 190002, no multiple of 4'],

    ['behind RAM', RAM_END, 'table at 200000 does not lie in RAM'],
    ['just below 4 GiB', HIGH - 16, 'table at fffffff0 does not lie in RAM'],
  ])('%s stops the ring', (_what, address, shown) => {
    const rig = new QueueRig(8, { indirect: true });
    rig.guest.describe(0, address, 16, INDIRECT);
    for (const at of [TABLE + 2, TABLE]) rig.guest.describe(0, AT, 4, 0, 0, at);
    rig.guest.offer(0);

    expect([rig.queue.pop(), rig.findings]).toEqual([false, [`virtio/RFEAT-D4 queue: an indirect ${shown}`]]);
  });

  test('of which only the first entry is RAM stops the ring', () => {
    const rig = new QueueRig(8, { indirect: true });
    rig.guest.describe(0, RAM_END - 16, 32, INDIRECT);
    rig.guest.describe(0, AT, 4, 0, 0, RAM_END - 16);
    rig.guest.offer(0);

    expect([rig.queue.pop(), rig.findings]).toEqual([
      false,
      ['virtio/RFEAT-D4 queue: an indirect table at 1ffff0 does not lie in RAM'],
    ]);
  });

  test('with half an entry stops the ring, even if the first is valid', () => {
    const rig = new QueueRig(8, { indirect: true });
    rig.guest.describe(0, TABLE, 24, INDIRECT);
    rig.guest.describe(0, AT, 4, 0, 0, TABLE);
    rig.guest.offer(0);

    expect([rig.queue.pop(), rig.findings]).toEqual([
      false,
      ['virtio/VQ-IMP-13 queue: an indirect table is 24 bytes long'],
    ]);
  });

  test('whose chain continues beyond its end stops the ring, even if valid entries are there', () => {
    const rig = new QueueRig(8, { indirect: true });
    rig.guest.describe(0, TABLE, 32, INDIRECT);
    rig.guest.describe(0, AT, 4, NEXT, 2, TABLE);
    rig.guest.describe(2, AT, 4, 0, 0, TABLE);
    rig.guest.offer(0);

    expect([rig.queue.pop(), rig.findings]).toEqual([
      false,
      ['virtio/VQ-IMP-3 queue: next of descriptor 0 is 2, but its table has 2 entries'],
    ]);
  });

  test('in flight is reported when it is made available again', () => {
    const rig = new QueueRig(8, { indirect: true });
    rig.guest.describe(0, TABLE, 16, INDIRECT);
    rig.guest.describe(0, AT, 4, 0, 0, TABLE);
    rig.guest.offer(0, 0);

    expect([rig.popAll(), rig.findings]).toEqual([
      [0, 0],
      ['virtio/VQ-IMP-4 queue: a descriptor was made available while in flight'],
    ]);
  });
});

describe('a chain that was taken before RAM moved', () => {
  test('is put into the used ring where RAM is', () => {
    const { queue, guest, board } = new QueueRig();
    guest.offer(guest.chain(4));
    queue.pop();
    const moved = guest.bytes.slice();
    board.memory.replace(0, moved);
    queue.push(0, 4);
    queue.flush();

    // The length of the first entry, after flags, index and id.
    expect(new DataView(moved.buffer).getUint32(guest.used + 8, true)).toBe(4);
  });

  test('and used before that is published where RAM is', () => {
    const { queue, guest, board } = new QueueRig();
    guest.offer(guest.chain(4));
    queue.pop();
    queue.push(0, 4);
    const moved = guest.bytes.slice();
    board.memory.replace(0, moved);
    queue.flush();

    expect(new DataView(moved.buffer).getUint16(guest.used + 2, true)).toBe(1);
  });
});

test('if RAM begins at 4 GiB, a buffer below is invalid', () => {
  const rig = new QueueRig();
  const { queue, board } = rig;
  board.memory.unmap(0);
  const guest = new RingGuest(board.memory.ranges[0]!.bytes, 0, 8, 0x4000);
  queue.configure(HIGH, HIGH + guest.avail, HIGH + guest.used);
  guest.describe(0, 0x4000, 4);
  guest.offer(0);

  expect([queue.pop(), rig.findings]).toEqual([
    false,
    [
      'virtio/RFEAT-D4 queue: descriptor 0: 4 bytes at 4000 do not lie in RAM, and 100004000 does: an address has 64 bits',
    ],
  ]);
});
