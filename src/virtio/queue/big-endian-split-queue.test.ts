import { describe, expect, test } from 'vitest';
import { GuestMemory } from '../../core/memory.ts';
import { Rig } from '../../core/rig.ts';
import { BigEndianSplitQueue } from './big-endian-split-queue.ts';
import { INDIRECT, RingGuest, watchRing } from './queue-rig.ts';
import type { QueueHost } from './ring.ts';

/** A view that always reads and writes big-endian, whatever the argument. */
function bigView(buffer: ArrayBufferLike): DataView {
  const view = new DataView(buffer);
  return Object.assign(new DataView(buffer), {
    getUint16: (at: number) => view.getUint16(at, false),
    getUint32: (at: number) => view.getUint32(at, false),
    getBigUint64: (at: number) => view.getBigUint64(at, false),
    setUint16: (at: number, value: number) => view.setUint16(at, value, false),
    setUint32: (at: number, value: number) => view.setUint32(at, value, false),
    setBigUint64: (at: number, value: bigint) => view.setBigUint64(at, value, false),
  });
}

class BigGuest extends RingGuest {
  override readonly view: DataView = bigView(this.bytes.buffer);
}

/** For tests: a big-endian guest's queue of 8 at 1000, buffers from 100000 on. */
class SwappedRig extends Rig implements QueueHost {
  readonly eventIdx: boolean;
  readonly indirect = true;
  readonly inOrder = false;
  readonly notifyOnEmpty = false;
  readonly queue: BigEndianSplitQueue;
  guest: BigGuest;
  /** The guest's used index at each interrupt. */
  readonly seen: number[] = [];

  constructor({ eventIdx = false } = {}) {
    super(GuestMemory.of(2 << 20));
    this.eventIdx = eventIdx;
    this.guest = new BigGuest(this.board.memory.ranges[0]!.bytes, 0x1000, 8, 0x10_0000);
    this.queue = new BigEndianSplitQueue(0, 8, this);
    watchRing(this.queue, this, this.journal);
    this.queue.configure(0x1000, this.guest.avail, this.guest.used);
  }

  queueInterrupt(): void {
    this.seen.push(this.guest.usedIdx);
  }

  /** Takes and uses every chain with a length of `written`. */
  serve(written: number): number[] {
    const ids: number[] = [];
    while (this.queue.pop()) {
      ids.push(this.queue.chain.id);
      this.queue.push(this.queue.chain.id, written);
    }
    this.queue.flush();
    return ids;
  }
}

describe('a ring in big-endian order', () => {
  test('gives the buffers that the guest described', () => {
    const rig = new SwappedRig();
    rig.guest.offer(rig.guest.chain(Uint8Array.of(1, 2, 3), 700));
    rig.queue.pop();
    const { count, readableBytes, writableBytes } = rig.queue.chain;
    expect([count, readableBytes, writableBytes]).toEqual([2, 3, 700]);
  });

  test('has its bytes where the standard has them: idx 1 is 00 01, len 700 is 00 00 02 bc', () => {
    const rig = new SwappedRig();
    rig.guest.offer(rig.guest.chain(700));
    rig.serve(700);
    const { bytes, used } = rig.guest;
    expect([...bytes.subarray(used + 2, used + 12)]).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 2, 0xbc]);
  });

  test('wraps many times, in order, and the guest sees the index at its interrupt', () => {
    const rig = new SwappedRig();
    const rounds = Array.from({ length: 40 }, () => {
      const head = rig.guest.chain(16, 16, 16);
      rig.guest.offer(head);
      return [rig.serve(5), rig.guest.take(), head] as const;
    });
    expect(rounds.map(([ids]) => ids)).toEqual(rounds.map(([, , head]) => [head]));
    expect(rounds.map(([, used]) => used)).toEqual(rounds.map(([, , head]) => [[head, 5]]));
    expect(rig.seen).toEqual(rounds.map((_, i) => i + 1));
  });

  test('may hold an indirect table, big-endian too', () => {
    const rig = new SwappedRig();
    const { guest } = rig;
    guest.describe(0, 0x11_0000, 32, 1, 1, 0x12_0000);
    guest.describe(1, 0x11_1000, 64, 2, 0, 0x12_0000);
    guest.describe(3, 0x12_0000, 32, INDIRECT);
    guest.offer(3);
    rig.queue.pop();
    expect([rig.queue.chain.count, rig.queue.chain.writableBytes, rig.findings]).toEqual([2, 64, []]);
  });

  test('may hold a table as long as RAM, of which only the chain’s entries are read', () => {
    const rig = new SwappedRig();
    const { guest } = rig;
    guest.describe(0, 0x11_0000, 32, 1, 9, 0x12_0000);
    guest.describe(9, 0x11_1000, 64, 2, 0, 0x12_0000);
    guest.describe(3, 0x12_0000, 0xe_0000, INDIRECT);
    guest.offer(3);
    const before = process.memoryUsage().arrayBuffers;
    rig.queue.pop();
    expect([rig.queue.chain.count, rig.queue.chain.writableBytes, rig.findings]).toEqual([2, 64, []]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(0x1_0000);
  });

  test('has its events in that order: avail_event is written, used_event is read', () => {
    const rig = new SwappedRig({ eventIdx: true });
    rig.guest.usedEvent = 1;
    for (const _ of [1, 2]) {
      rig.guest.offer(rig.guest.chain(16));
      rig.serve(0);
    }
    expect([rig.guest.availEvent, rig.seen]).toEqual([2, [2]]);
  });

  test('goes on when the RAM moves to another buffer', () => {
    const rig = new SwappedRig();
    rig.guest.offer(rig.guest.chain(16));
    rig.serve(1);
    const moved = rig.guest.bytes.slice();
    rig.board.memory.replace(0, moved);
    const [at, guest] = [rig.guest.avail, new DataView(moved.buffer)];
    guest.setUint16(at + 6, 0, false);
    guest.setUint16(at + 2, 2, false);
    expect([rig.serve(1), guest.getUint16(rig.guest.used + 2, false)]).toEqual([[0], 2]);
  });
});

describe('what is wrong in it', () => {
  test('is detected as in any ring: a loop', () => {
    const rig = new SwappedRig();
    rig.guest.describe(0, 0x11_0000, 16, 1, 1);
    rig.guest.describe(1, 0x11_0000, 16, 1, 0);
    rig.guest.offer(0);
    expect([rig.serve(0), rig.findings]).toEqual([
      [],
      ['virtio/VQ-DESC-D1 queue: the chain from descriptor 0 does not end'],
    ]);
  });

  test('is reported as the other byte order, if it makes sense that way', () => {
    const rig = new SwappedRig();
    new DataView(rig.guest.bytes.buffer).setUint16(rig.guest.avail + 2, 3, true);
    expect([rig.serve(0), rig.findings]).toEqual([
      [],
      ['virtio/VQ-SPLIT-LEG-D4 queue: avail.idx makes sense as 3, little-endian, and not as 768'],
    ]);
  });

  test('is not reported so for an index that makes no sense either way', () => {
    const rig = new SwappedRig();
    rig.guest.idx = 0x2020;
    rig.serve(0);
    expect(rig.journal.count('virtio/VQ-SPLIT-LEG-D4')).toBe(0);
  });
});

test('a chain that comes while the device asks to be kicked is taken', () => {
  const rig = new SwappedRig({ eventIdx: true });
  const { memory } = rig.board;
  const late = rig.guest.chain(4);
  rig.guest.offer(rig.guest.chain(4));
  memory.dirty = () => {
    memory.dirty = null;
    rig.guest.offer(late);
  };

  expect(rig.serve(0)).toEqual([1, 0]);
});
