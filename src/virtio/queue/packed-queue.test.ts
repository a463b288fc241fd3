import { describe, expect, test } from 'vitest';
import { PackedRig, RING } from './packed-rig.ts';

/** Flags by their numbers in virtio 1.4, Packed Virtqueues. */
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;
const AVAIL = 0x80;
const USED = 0x8000;
const AT = 0x10_0000;
const TABLE = 0x18_0000;
/** Offsets of the rig's two event structures. */
const DRIVER = RING + 0x100;
const DEVICE = RING + 0x200;
const [ENABLE, DISABLE, DESC] = [0, 1, 2];

/** Takes all chains and returns them with a length; returns the ids. */
function serve(rig: PackedRig, written = 0): number[] {
  const ids: number[] = [];
  while (rig.queue.pop()) ids.push(rig.queue.chain.id);
  for (const id of ids) rig.queue.push(id, written);
  rig.queue.flush();
  return ids;
}

/** Id, length and flags of descriptor `slot`. */
function used(rig: PackedRig, slot: number): [id: number, length: number, flags: number] {
  const at = RING + 16 * slot;
  return [
    rig.view.getUint16(at + 12, true),
    rig.view.getUint32(at + 8, true),
    rig.view.getUint16(at + 14, true),
  ];
}

describe('a packed ring', () => {
  test('marks the list’s first slot used, with the wrap counter and whether it wrote', () => {
    const rig = new PackedRig();
    rig.describe(0, AT, 4, AVAIL | NEXT, 5);
    rig.describe(1, AT, 4, AVAIL | WRITE, 5);
    rig.describe(2, AT, 4, AVAIL, 6);

    const ids = [serve(rig, 3), rig.interrupts];

    expect(ids).toEqual([[5, 6], 1]);
    expect([used(rig, 0), used(rig, 2)]).toEqual([
      [5, 3, AVAIL | USED | WRITE],
      [6, 3, AVAIL | USED | WRITE],
    ]);
  });

  test('flips both wrap counters at its end', () => {
    const rig = new PackedRig();
    for (let slot = 0; slot < 4; slot++) rig.describe(slot, AT, 4, AVAIL, slot);
    serve(rig);
    rig.describe(0, AT, 4, USED, 9);

    expect([serve(rig), used(rig, 0)]).toEqual([[9], [9, 0, 0]]);
  });

  test('shows nothing of a batch before its head', () => {
    const rig = new PackedRig();
    for (let slot = 0; slot < 2; slot++) rig.describe(slot, AT, 4, AVAIL, slot);
    rig.queue.pop();
    rig.queue.pop();
    rig.queue.push(1, 0);
    rig.queue.push(0, 0);
    const before = used(rig, 0)[2];
    rig.queue.flush();

    expect([before, used(rig, 0), used(rig, 1)[2]]).toEqual([AVAIL, [1, 0, AVAIL | USED], AVAIL | USED]);
  });

  test('takes a list that continues over its end', () => {
    const rig = new PackedRig();
    for (let slot = 0; slot < 3; slot++) rig.describe(slot, AT, 4, AVAIL, slot);
    serve(rig);
    rig.describe(3, AT, 4, AVAIL | NEXT, 8);
    rig.describe(0, AT, 4, USED, 8);

    expect([rig.queue.pop(), rig.queue.chain.count, rig.queue.chain.id]).toEqual([true, 2, 8]);
    expect(rig.findings).toEqual([]);
  });

  test('takes a table in its last slot, and goes on in the first', () => {
    const rig = new PackedRig();
    rig.describe(0, AT, 4, 0, 0, TABLE);
    for (let slot = 0; slot < 3; slot++) rig.describe(slot, AT, 4, AVAIL, slot);
    serve(rig);
    rig.describe(3, TABLE, 16, AVAIL | INDIRECT, 3);
    rig.describe(0, AT, 4, USED, 4);

    expect(serve(rig)).toEqual([3, 4]);
  });

  test('goes on in the first slot after a table in the last that only the general walk takes', () => {
    const rig = new PackedRig();
    // A flag that is meaningless in a table.
    rig.describe(0, AT, 4, NEXT, 0, TABLE);
    for (let slot = 0; slot < 3; slot++) rig.describe(slot, AT, 4, AVAIL, slot);
    serve(rig);
    rig.describe(3, TABLE, 16, AVAIL | INDIRECT, 3);
    rig.describe(0, AT, 4, USED, 4);

    expect([serve(rig), rig.journal.count('virtio/PACKED-IND-D2')]).toEqual([[3, 4], 1]);
  });

  test('gives buffers again that were put back, over its end', () => {
    const rig = new PackedRig();
    for (let slot = 0; slot < 3; slot++) rig.describe(slot, AT, 4, AVAIL, slot);
    serve(rig);
    rig.describe(3, AT, 4, AVAIL, 7);
    rig.describe(0, AT, 4, USED, 8);
    rig.queue.pop();
    rig.queue.pop();
    rig.queue.rewind(2);

    expect([serve(rig), rig.findings]).toEqual([[7, 8], []]);
  });

  test('takes an id again that was returned with a later one', () => {
    const rig = new PackedRig();
    for (let slot = 0; slot < 2; slot++) rig.describe(slot, AT, 4, AVAIL, slot);
    rig.queue.pop();
    rig.queue.pop();
    rig.queue.pushWithLast(0, 0);
    rig.queue.push(1, 0);
    rig.queue.flush();
    rig.describe(2, AT, 4, AVAIL, 0);

    expect([serve(rig), rig.findings]).toEqual([[0], []]);
  });

  test('that is set up again begins at 0, with nothing outstanding', () => {
    const rig = new PackedRig();
    for (let slot = 0; slot < 4; slot++) rig.describe(slot, AT, 4, AVAIL, slot);
    serve(rig);
    rig.describe(0, AT, 4, USED, 7);
    rig.queue.pop();
    rig.queue.configure(RING, DRIVER, DEVICE);
    rig.describe(0, AT, 4, AVAIL, 7);
    rig.describe(1, AT, 4, 0, 8);

    expect([serve(rig), rig.findings]).toEqual([[7], []]);
  });

  test('notifies a listener that follows RAM of changed descriptors', () => {
    const rig = new PackedRig();
    const told: unknown[][] = [];
    rig.board.memory.dirty = (...range) => told.push(range);
    rig.describe(0, AT, 4, AVAIL);
    serve(rig);

    expect(told).toContainEqual([RING, RING + 64, false]);
  });
});

describe('a packed ring interrupts', () => {
  test.each([
    ['when the driver says ENABLE', ENABLE, 1],
    ['not when it says DISABLE', DISABLE, 0],
  ])('%s', (_when, flags, interrupts) => {
    const rig = new PackedRig();
    // An event that is reached at once, if events are enabled.
    rig.view.setUint16(DRIVER, 0x8000, true);
    rig.view.setUint16(DRIVER + 2, flags, true);
    rig.describe(0, AT, 4, AVAIL);
    serve(rig);

    expect(rig.interrupts).toBe(interrupts);
  });

  test.each([
    [0x8000, [1, 1, 1]],
    [0x8001, [0, 1, 1]],
    [0x8002, [0, 0, 1]],
    [0x8003, [0, 0, 0]],
    [0x0002, [0, 0, 0]],
  ])('with DESC at %i once that one is used, and no more', (event, interrupts) => {
    const rig = new PackedRig(true, 4, true);
    rig.view.setUint16(DRIVER, event, true);
    rig.view.setUint16(DRIVER + 2, DESC, true);
    const after = [0, 1, 2].map((slot) => {
      rig.describe(slot, AT, 4, AVAIL);
      serve(rig);
      return rig.interrupts;
    });

    expect(after).toEqual(interrupts);
  });

  test('with DESC at one of a whole lap that is published at once', () => {
    const rig = new PackedRig(true, 4, true);
    rig.view.setUint16(DRIVER, 0x8002, true);
    rig.view.setUint16(DRIVER + 2, DESC, true);
    for (let slot = 0; slot < 4; slot++) rig.describe(slot, AT, 4, AVAIL, slot);
    serve(rig);

    expect(rig.interrupts).toBe(1);
  });

  test('only when there is something new', () => {
    const rig = new PackedRig();
    rig.queue.flush();

    expect(rig.interrupts).toBe(0);
  });
});

describe('a packed ring that runs dry', () => {
  test.each([
    ['that is watched', true],
    ['without a watcher', false],
  ])('%s requests an event at its position, with EVENT_IDX', (_, watched) => {
    const rig = new PackedRig(true, 4, true);
    rig.queue.events = watched ? rig.queue.events : null;
    const asked = () => [rig.view.getUint16(DEVICE, true), rig.view.getUint16(DEVICE + 2, true)];
    rig.queue.pop();
    const first = asked();
    for (let slot = 0; slot < 4; slot++) rig.describe(slot, AT, 4, AVAIL, slot);
    serve(rig);

    expect([first, asked()]).toEqual([
      [0x8000, DESC],
      [0, DESC],
    ]);
  });

  test.each([
    [2, false, ["virtio/PACKED-IMP-11 queue: the flags of the driver's event structure are 2"]],
    [2, true, []],
    [3, true, ["virtio/PACKED-IMP-11 queue: the flags of the driver's event structure are 3"]],
  ])('has read the flags %i of the driver, with EVENT_IDX %s, once', (flags, eventIdx, findings) => {
    const rig = new PackedRig(true, 4, eventIdx);
    rig.view.setUint16(DRIVER + 2, flags, true);
    rig.queue.pop();
    rig.queue.pop();

    expect([rig.findings, rig.journal.count('virtio/PACKED-IMP-11')]).toEqual([findings, findings.length]);
  });
});

test('a descriptor that comes while the device asks to be kicked is taken', () => {
  const rig = new PackedRig(true, 4, true);
  const { memory } = rig.board;
  rig.describe(0, AT, 4, AVAIL, 5);
  memory.dirty = () => {
    memory.dirty = null;
    rig.describe(1, AT, 4, AVAIL, 6);
  };

  expect(serve(rig)).toEqual([5, 6]);
});

test('a descriptor that a CPU beside the device makes available before the fence is taken', () => {
  const rig = new PackedRig(true, 4, false);
  const { memory } = rig.board;
  memory.hasCpusBeside = true;
  memory.fence = () => rig.describe(0, AT, 4, AVAIL, 6);
  rig.queue.events = null;

  expect([rig.queue.pop(), rig.queue.chain.id]).toEqual([true, 6]);
});
