import { describe, expect, test } from 'vitest';
import { BitSet } from '../../core/bit-set.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { FEATURE, legacyQueueLayout, virtq_desc } from '../../virtio/registers.ts';
import { DriverSplitQueue } from './driver-split-queue.ts';

const SIZE = 8;
const { avail: AVAIL, used: USED } = legacyQueueLayout(SIZE);

/** A queue in a machine's RAM, and a hand-written device side. */
function rig(...features: readonly number[]) {
  const { port } = gceN1();
  const queue = new DriverSplitQueue(port, { index: 0, size: SIZE, features: BitSet.of(features) });
  const { memory } = port;
  const load = (offset: number, width: 2 | 4) => memory.load(queue.address + offset, width);
  const store = (offset: number, value: number, width: 2 | 4) =>
    memory.store(queue.address + offset, value, width);
  return {
    queue,
    load,
    descriptor: (index: number) => {
      const bytes = new Uint8Array(virtq_desc.size);
      memory.read(queue.address + index * virtq_desc.size, bytes);
      return virtq_desc.format(bytes);
    },
    table: (at: number, index: number) => {
      const bytes = new Uint8Array(virtq_desc.size);
      memory.read(at + index * virtq_desc.size, bytes);
      return virtq_desc.format(bytes);
    },
    use: (id: number, length: number) => {
      const idx = load(USED + 2, 2);
      store(USED + 4 + 8 * (idx % SIZE), id, 4);
      store(USED + 8 + 8 * (idx % SIZE), length, 4);
      store(USED + 2, (idx + 1) & 0xffff, 2);
    },
    setUsedFlags: (flags: number) => store(USED, flags, 2),
    setAvailEvent: (event: number) => store(USED + 4 + 8 * SIZE, event, 2),
    usedEvent: () => load(AVAIL + 4 + 2 * SIZE, 2),
  };
}

const at = (address: number) => ({ address, length: 16 });
/** Above 4 GiB, so that both halves of an address matter. */
const HIGH = 0x1_2345_6000;

describe('a split queue', () => {
  test('lists what the device reads before what it writes', () => {
    const { queue, descriptor } = rig();

    queue.add([at(0x1000)], [at(HIGH), at(0x3000)]);

    expect([descriptor(0), descriptor(1), descriptor(2)]).toEqual([
      'addr=1000h len=10h flags=1 next=1',
      'addr=123456000h len=10h flags=3 next=2',
      'addr=3000h len=10h flags=2 next=0',
    ]);
  });

  test('shows nothing to the device before it publishes', () => {
    const { queue, load } = rig();

    queue.add([at(0x1000)], []);
    const before = load(AVAIL + 2, 2);
    queue.publish();

    expect([before, load(AVAIL + 2, 2)]).toEqual([0, 1]);
  });

  test('has no room for more descriptors than the ring', () => {
    const { queue } = rig();

    const ids = Array.from({ length: 5 }, () => queue.add([at(0x1000)], [at(0x2000)]));

    expect(ids).toEqual([0, 2, 4, 6, null]);
  });

  test('reuses returned descriptors, the longest free first', () => {
    const { queue, use } = rig();
    for (let i = 0; i < SIZE / 2; i++) queue.add([at(0x1000)], [at(0x2000)]);

    use(4, 7);
    use(0, 9);
    const came = [queue.take(), queue.take(), queue.take()];

    expect(came).toEqual([{ id: 4, length: 7 }, { id: 0, length: 9 }, null]);
    expect([queue.add([at(0x1000)], [at(0x2000)]), queue.add([at(0x1000)], [at(0x2000)])]).toEqual([4, 0]);
  });

  test('wraps after 65535', () => {
    const { queue, use } = rig();
    const rounds = 65_540;

    let came = 0;
    for (let i = 0; i < rounds; i++) {
      use(queue.add([at(0x1000)], [])!, 0);
      queue.publish();
      queue.drain(() => came++);
    }

    expect([came, queue.free]).toEqual([rounds, SIZE]);
  });

  test.each([4, 1, 0xffff_ffff])('refuses %d from a device that does not have it', (id) => {
    const { queue, use } = rig();
    queue.add([at(0x1000)], [at(0x2000)]);

    use(id, 0);

    expect(() => queue.take()).toThrow(/gave back/);
  });

  test('refuses an empty segment', () => {
    const { queue } = rig();

    expect(() => queue.add([{ address: 0x1000, length: 0 }], [])).toThrow(
      'segment.length must be at least 1 byte',
    );
  });
});

describe('the need to notify the device', () => {
  test('without EVENT_IDX follows used.flags', () => {
    const { queue, setUsedFlags, setAvailEvent } = rig();
    // A value that would forbid it, if it were read.
    setAvailEvent(0x8000);

    queue.add([at(0x1000)], []);
    const asked = queue.publish();
    setUsedFlags(1);
    queue.add([at(0x1000)], []);
    const alone = queue.publish();

    expect([asked, alone]).toEqual([true, false]);
  });

  test('with EVENT_IDX exists if the index passes avail_event, whatever used.flags is', () => {
    const { queue, setUsedFlags, setAvailEvent } = rig(FEATURE.EVENT_IDX);
    setUsedFlags(1);
    setAvailEvent(2);

    const told = Array.from({ length: 4 }, () => {
      queue.add([at(0x1000)], []);
      return queue.publish();
    });

    expect(told).toEqual([false, false, true, false]);
  });

  test('does not exist when nothing was added', () => {
    const { queue } = rig();

    expect(queue.publish()).toBe(false);
  });
});

describe('interrupts', () => {
  test('are suppressed by avail.flags without EVENT_IDX', () => {
    const { queue, load } = rig();

    queue.suppressInterrupts();

    expect(load(AVAIL, 2)).toBe(1);
  });

  test('are requested at the next chain with EVENT_IDX, and avail.flags stays 0', () => {
    const { queue, use, usedEvent, load } = rig(FEATURE.EVENT_IDX);
    use(queue.add([at(0x1000)], [])!, 0);

    queue.drain(() => {});

    expect([usedEvent(), load(AVAIL, 2)]).toEqual([1, 0]);
  });

  test('are delayed as far as possible with EVENT_IDX when the driver polls', () => {
    const { queue, use, usedEvent } = rig(FEATURE.EVENT_IDX);
    queue.suppressInterrupts();
    use(queue.add([at(0x1000)], [])!, 0);

    queue.drain(() => {});

    expect(usedEvent()).toBe(0);
  });

  test('that come while draining are not lost: the ring is checked once more', () => {
    const { queue, use } = rig();
    const first = queue.add([at(0x1000)], [])!;
    const second = queue.add([at(0x1000)], [])!;
    use(first, 0);

    const came: number[] = [];
    queue.drain((id) => {
      came.push(id);
      if (id === first) use(second, 0);
    });

    expect(came).toEqual([first, second]);
  });
});

describe('indirect tables', () => {
  test('take one descriptor of the ring for a chain of any length', () => {
    const { queue, descriptor, table, load } = rig(FEATURE.INDIRECT_DESC);

    queue.add([at(0x1000)], [at(0x2000), at(0x3000)]);

    expect(queue.free).toBe(SIZE - 1);
    expect(descriptor(0)).toMatch(/len=30h flags=4 next=0$/);
    expect([0, 1, 2].map((i) => table(load(0, 4), i))).toEqual([
      'addr=1000h len=10h flags=1 next=1',
      'addr=2000h len=10h flags=3 next=2',
      'addr=3000h len=10h flags=2 next=0',
    ]);
  });

  test('are not made for a single segment', () => {
    const { queue, descriptor } = rig(FEATURE.INDIRECT_DESC);

    queue.add([], [at(0x2000)]);

    expect(descriptor(0)).toBe('addr=2000h len=10h flags=2 next=0');
  });
});
