import { expect, test } from 'vitest';
import { BalloonRig } from './balloon-rig.ts';
import { BALLOON_FEATURE, BALLOON_STAT } from './registers.ts';

const { MEMFREE, MEMTOT } = BALLOON_STAT;
const start = () => new BalloonRig().start(BALLOON_FEATURE.STATS_VQ);

/** A driver that has put its first buffer into the queue, as at startup. */
const primed = () => {
  const rig = start();
  rig.tell([MEMFREE, 1n], [MEMTOT, 2n]);
  return rig;
};

test('the first buffer of a legacy driver is held, and its content is ignored', () => {
  const rig = primed();

  expect([rig.device.stats, rig.guests[2]!.take(), rig.findings]).toEqual([null, [], []]);
});

test('a request returns the buffer, and gets a new one with 64-bit values', () => {
  const rig = start();
  const first = rig.tell([MEMFREE, 1n]);

  rig.device.askStats();
  const used = rig.guests[2]!.take();
  rig.tell([MEMFREE, 0x1_0000_0002n]);

  expect(used).toEqual([[first, 0]]);
  expect([...rig.device.stats!]).toEqual([['MEMFREE', 0x1_0000_0002n]]);
  expect([rig.guests[2]!.take(), rig.intx, rig.findings]).toEqual([[], true, []]);
});

test('asking again before the answer changes nothing', () => {
  const rig = primed();
  rig.device.askStats();
  rig.guests[2]!.take();

  rig.device.askStats();
  rig.tell([MEMFREE, 3n], [MEMTOT, 2n]);

  expect([rig.guests[2]!.take(), rig.device.stats?.get('MEMFREE')]).toEqual([[], 3n]);
});

test('asking before the driver has put its buffer in is remembered', () => {
  const rig = start();

  rig.device.askStats();
  const first = rig.tell([MEMFREE, 1n]);

  expect(rig.guests[2]!.take()).toEqual([[first, 0]]);
});

test('asking finds a buffer that was offered without a kick', () => {
  const rig = start();
  const guest = rig.guests[2]!;
  const first = guest.chain(new Uint8Array(10));
  guest.offer(first);

  rig.device.askStats();

  expect(guest.take()).toEqual([[first, 0]]);
});

test('asking before there is a queue does nothing', () => {
  const rig = new BalloonRig();
  rig.out(0x04, 1 << BALLOON_FEATURE.STATS_VQ, 4);

  rig.device.askStats();

  expect(rig.device.stats).toBeNull();
});

test('a driver without the feature is not asked', () => {
  const rig = new BalloonRig().start();
  const guest = rig.guests[2]!;
  guest.offer(guest.chain(new Uint8Array(10)));

  rig.device.askStats();

  expect(guest.take()).toEqual([]);
});

test('without bus mastering no buffer is returned', () => {
  const rig = primed();
  rig.command(3);

  rig.device.askStats();

  expect(rig.guests[2]!.take()).toEqual([]);
});

test('entries may come in any order, and unknown tags are skipped', () => {
  const rig = primed();
  rig.device.askStats();

  // 99 is no tag of virtio 1.4, nor of Linux.
  rig.tell([MEMTOT, 8n], [99, 7n], [MEMFREE, 5n]);

  expect([...rig.device.stats!]).toEqual([
    ['MEMTOT', 8n],
    ['MEMFREE', 5n],
  ]);
});

test('a device reset forgets the buffer and the statistics', () => {
  const rig = primed();
  rig.device.askStats();
  rig.tell([MEMFREE, 3n]);

  rig.out(0x12, 0, 1);

  expect(rig.device.stats).toBeNull();
});

test('a device reset forgets a pending request', () => {
  const rig = primed();
  rig.device.askStats();
  rig.start(BALLOON_FEATURE.STATS_VQ);

  rig.tell([MEMFREE, 1n]);

  expect(rig.guests[2]!.take()).toEqual([]);
});

test('the buffer of a driver before the reset is not taken for one of the next', () => {
  const rig = primed();
  rig.start(BALLOON_FEATURE.STATS_VQ);

  rig.tell([MEMFREE, 1n]);

  expect([rig.guests[2]!.take(), rig.findings]).toEqual([[], []]);
});

test('the next driver begins anew: its first buffer is ignored, and its tags may differ', () => {
  const rig = primed();
  rig.device.askStats();
  rig.tell([MEMFREE, 3n]);
  rig.start(BALLOON_FEATURE.STATS_VQ);

  rig.tell([MEMTOT, 1n]);
  const first = rig.device.stats;
  rig.device.askStats();
  rig.tell([MEMTOT, 2n]);

  expect([first, rig.device.stats?.get('MEMTOT'), rig.findings]).toEqual([null, 2n, []]);
});

test('the first buffer of a modern driver is used', () => {
  const rig = start();
  rig.beModern();

  rig.tell([MEMFREE, 1n]);

  expect([...rig.device.stats!]).toEqual([['MEMFREE', 1n]]);
});

test('the buffer of a queue that was reset alone is not returned', () => {
  const rig = primed();
  rig.device.resetQueue(2);
  rig.setUpQueue(2);

  rig.device.askStats();

  expect(rig.guests[2]!.take()).toEqual([]);
});

test('a second buffer while one waits is a finding, and returns the first', () => {
  const rig = start();
  const first = rig.tell([MEMFREE, 1n]);

  rig.tell([MEMFREE, 3n]);

  expect([rig.broken, rig.guests[2]!.take()]).toEqual([['virtio/BALLOON-STAT-D1'], [[first, 0]]]);
});

test('a buffer that ends within an entry is a finding, and its complete entries are used', () => {
  const rig = primed();
  rig.device.askStats();
  const entry = Uint8Array.of(MEMFREE, 0, 3, 0, 0, 0, 0, 0, 0, 0);

  rig.send(2, Uint8Array.of(...entry, 1, 2));

  expect([rig.broken, [...rig.device.stats!]]).toEqual([['virtio/BALLOON-STAT-D5'], [['MEMFREE', 3n]]]);
});

test('changed tags are a finding; the same in another order are not', () => {
  const rig = primed();
  rig.device.askStats();
  rig.tell([MEMFREE, 3n], [MEMTOT, 4n]);
  rig.device.askStats();
  rig.tell([MEMTOT, 4n], [MEMFREE, 3n]);
  const before = rig.broken;

  rig.device.askStats();
  rig.tell([MEMTOT, 4n]);

  expect([before, rig.broken]).toEqual([[], ['virtio/BALLOON-STAT-D6']]);
});

test('tags are compared from the second buffer on, of a modern driver too', () => {
  const rig = start();
  rig.beModern();
  rig.tell([MEMTOT, 2n]);
  rig.device.askStats();

  rig.tell([MEMFREE, 3n]);

  expect(rig.findings).toEqual([]);
});

test('a buffer of meaningless tags is not compared, as from Windows without its service', () => {
  const rig = primed();
  rig.device.askStats();
  rig.tell([0xffff, 0n], [0xffff, 0n]);
  rig.device.askStats();

  rig.tell([MEMFREE, 3n]);

  expect(rig.findings).toEqual([]);
});

test('a buffer with a writable part is a finding', () => {
  const rig = primed();
  rig.device.askStats();
  rig.tell([MEMFREE, 3n]);
  rig.device.askStats();

  rig.send(2, 10);

  expect(rig.broken).toEqual(['virtio/BALLOON-IMP-1']);
});

test('the queue without its feature is a finding, and is not served', () => {
  const rig = new BalloonRig().start();

  rig.tell([MEMFREE, 1n]);

  expect(rig.broken).toEqual(['virtio/BALLOON-IMP-6']);
});

test('a big-endian guest writes tags and values in its own byte order', () => {
  const rig = new BalloonRig('be').start(BALLOON_FEATURE.STATS_VQ);
  const { view, at, avail } = rig.guests[2]!;
  // By hand: descriptor 0 of ten bytes at 2.5 MiB, made available as entries 0 and 1.
  view.setUint16(0x28_0000, MEMFREE);
  view.setBigUint64(0x28_0002, 0x1_0000_0003n);
  view.setBigUint64(at, 0x28_0000n);
  view.setUint32(at + 8, 10);

  view.setUint16(avail + 2, 1);
  rig.kick(2);
  rig.device.askStats();
  view.setUint16(avail + 2, 2);
  rig.kick(2);

  expect([rig.device.stats?.get('MEMFREE'), rig.findings]).toEqual([0x1_0000_0003n, []]);
});
