import { describe, expect, test } from 'vitest';
import { isNextOfDriver } from './packed-event.ts';
import { PackedRig } from './packed-rig.ts';
import { QueueRig } from './queue-rig.ts';

/** Flags by their numbers in virtio 1.4, Packed Virtqueues. */
const AVAILABLE = 0x80;
const AVAILABLE_WRAPPED = 0x8000;
const WRAP = 0x8000;
const BUFFER = 0x10_0000;

describe('the data of a notification', () => {
  test.each([
    ['avail.idx', 3, true],
    ['one entry too few', 2, false],
    ['one entry too many', 4, false],
  ])('agrees with a split ring only if it is avail.idx: %s', (_, told, agrees) => {
    const { queue, guest } = new QueueRig();
    guest.offer(guest.chain(1), guest.chain(1), guest.chain(1));

    expect(queue.checkNotified(told)).toBe(agrees);
  });

  test('is all 16 bits of avail.idx of a split ring', () => {
    const { queue, guest } = new QueueRig();
    guest.idx = 0xffff;

    expect([0xffff, 0x7fff].map((told) => queue.checkNotified(told))).toEqual([true, false]);
  });

  test.each([
    ['the slot after the last one available', WRAP | 2, true],
    ['a slot that is available', WRAP | 1, false],
    ['a slot after one that is not available', WRAP | 3, false],
    ['the other wrap counter', 2, false],
    ['a slot outside the ring', WRAP | 4, false],
  ])('agrees with a packed ring only if the driver goes on there: %s', (_, told, agrees) => {
    const rig = new PackedRig();
    rig.describe(0, BUFFER, 8, AVAILABLE);
    rig.describe(1, BUFFER, 8, AVAILABLE, 1);

    expect(rig.queue.checkNotified(told)).toBe(agrees);
  });

  test('agrees with a full packed ring if it is one lap ahead', () => {
    const rig = new PackedRig();
    for (let slot = 0; slot < 4; slot++) rig.describe(slot, BUFFER, 8, AVAILABLE, slot);

    expect([0, WRAP].map((told) => rig.queue.checkNotified(told))).toEqual([true, false]);
  });

  test('agrees with a packed ring that wrapped', () => {
    const rig = new PackedRig();
    for (let slot = 0; slot < 4; slot++) rig.describe(slot, BUFFER, 8, AVAILABLE, slot);
    while (rig.queue.pop()) rig.queue.push(rig.queue.chain.id, 0);
    rig.describe(0, BUFFER, 8, AVAILABLE_WRAPPED);

    expect([1, WRAP | 1, 0].map((told) => rig.queue.checkNotified(told))).toEqual([true, false, false]);
  });

  test('agrees with a device that has already taken everything', () => {
    const packed = new PackedRig();
    const { queue, guest } = new QueueRig();
    packed.describe(0, BUFFER, 8, AVAILABLE);
    guest.offer(guest.chain(1));
    packed.queue.pop();
    queue.pop();

    expect([packed.queue.checkNotified(WRAP | 1), queue.checkNotified(1)]).toEqual([true, true]);
  });

  test('cannot disagree with a ring that is broken or not set up', () => {
    const packed = new PackedRig();
    const { queue, guest } = new QueueRig();
    guest.idx = 100;
    queue.pop();
    packed.queue.reset();

    expect([packed.queue.checkNotified(3), queue.checkNotified(3)]).toEqual([true, true]);
  });
});

/** Rings that no correct driver leaves: whatever their flags, a position out of range is never valid. */
test.each([
  ['outside the ring', [AVAILABLE, AVAILABLE, AVAILABLE, AVAILABLE], 0, WRAP | 4],
  ['behind the device', [AVAILABLE, 0, 0, 0], 2, WRAP | 1],
  ['more than a lap ahead', [0, 0, AVAILABLE_WRAPPED, 0], 1, 3],
])('a driver does not go on %s', (_where, flags, next, told) => {
  const words = Int32Array.from({ length: 16 }, (_, i) => (i % 4 === 3 ? flags[i >> 2]! << 16 : 0));

  expect(isNextOfDriver(words, 4, next, true, told)).toBe(false);
});
