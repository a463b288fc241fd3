import { describe, expect, test } from 'vitest';
import { LOW, PackedRig, RING } from './packed-rig.ts';

/** Flags by their numbers in virtio 1.4, Packed Virtqueues. */
const WRITE = 2;
const AVAIL = 0x80;
const USED = 0x8000;
const AT = 0x10_0000;
/** Offsets of the rig's two event structures. */
const DRIVER = RING + 0x100;
const DEVICE = RING + 0x200;

describe('a packed ring is taken only if', () => {
  test.each([
    ['its descriptors are aligned to 16', RING + 8, DRIVER, DEVICE],
    ["the driver's event structure is aligned to 4", RING, DRIVER + 2, DEVICE],
    ["the device's event structure is aligned to 4", RING, DRIVER, DEVICE + 2],
    ['its last descriptor is RAM', LOW - 48, DRIVER, DEVICE],
    ["the driver's event structure is RAM", RING, LOW, DEVICE],
    ["the device's event structure is RAM", RING, DRIVER, LOW],
  ])('%s', (_what, desc, driver, device) => {
    const { queue } = new PackedRig();
    queue.configure(desc, driver, device);

    expect([queue.ready, queue.pop()]).toEqual([false, false]);
  });
});

describe('a buffer that a packed ring took before RAM moved', () => {
  const start = () => {
    const rig = new PackedRig();
    rig.describe(0, AT, 4, AVAIL);
    rig.queue.pop();
    return rig;
  };
  const move = ({ board }: PackedRig) => {
    const moved = board.memory.ranges[0]!.bytes.slice();
    board.memory.replace(0, moved);
    return new DataView(moved.buffer);
  };

  test('is marked used where RAM is', () => {
    const rig = start();
    const view = move(rig);
    rig.queue.push(0, 3);
    rig.queue.flush();

    expect([view.getUint32(RING + 8, true), view.getUint16(RING + 14, true)]).toEqual([
      3,
      AVAIL | USED | WRITE,
    ]);
  });

  test('and used before that is published where RAM is', () => {
    const rig = start();
    rig.queue.push(0, 4);
    const view = move(rig);
    rig.queue.flush();

    expect(view.getUint16(RING + 14, true)).toBe(AVAIL | USED | WRITE);
  });

  test('is followed by one that is taken where RAM is', () => {
    const rig = start();
    const view = move(rig);
    rig.describe(1, AT, 4, AVAIL, 1);
    const before = rig.queue.pop();
    view.setUint16(RING + 16 + 12, 1, true);
    view.setUint16(RING + 16 + 14, AVAIL, true);
    view.setUint32(RING + 16 + 8, 4, true);

    expect([before, rig.queue.pop()]).toEqual([false, true]);
  });
});
