import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Segments } from '../../core/segments.ts';
import { HIGH, NEXT, QueueRig, RingGuest, WRITE } from './queue-rig.ts';
import type { SplitQueue } from './split-queue.ts';

const bytes = (length: number, from = 0) => Uint8Array.from({ length }, (_, i) => from + i);

/** The chain last popped, as plain numbers. */
const shown = ({ chain }: SplitQueue) => ({
  id: chain.id,
  address: chain.segments().map(({ address }) => address),
  length: chain.segments().map(({ length }) => length),
  writable: chain.segments().map(({ writable }) => Number(writable)),
  bytes: [chain.readableBytes, chain.writableBytes],
});

describe('a chain', () => {
  test('is available once the guest has moved avail.idx, and once only', () => {
    const { queue, guest } = new QueueRig();
    const empty = queue.pop();
    guest.offer(guest.chain(bytes(4)));
    expect([empty, queue.pop(), queue.pop()]).toEqual([false, true, false]);
  });

  test('has the buffers of its descriptors', () => {
    const { queue, guest } = new QueueRig();
    guest.describe(5, 0x12_0000, 16, NEXT, 2);
    guest.describe(2, HIGH + 0xfff0, 16, NEXT | WRITE, 7);
    guest.describe(7, 0x1f_ffff, 1, WRITE, 0xffff);
    guest.offer(5);
    queue.pop();
    expect(shown(queue)).toEqual({
      id: 5,
      address: [0x12_0000, HIGH + 0xfff0, 0x1f_ffff],
      length: [16, 16, 1],
      writable: [0, 1, 1],
      bytes: [16, 17],
    });
  });

  test('may use every descriptor of the ring', () => {
    const { queue, guest } = new QueueRig();
    guest.offer(guest.chain(...Array.from({ length: 8 }, () => bytes(1))));
    expect([queue.pop(), queue.chain.count, queue.ready]).toEqual([true, 8, true]);
  });

  test('does not affect the next one', () => {
    const { queue, guest } = new QueueRig();
    guest.offer(guest.chain(bytes(4), 4), guest.chain(bytes(1)));
    queue.pop();
    queue.pop();
    expect(shown(queue)).toMatchObject({ id: 2, writable: [0], bytes: [1, 0] });
  });

  test('in an indirect table is like one in the ring, also if only its tail is there', () => {
    const { queue, guest } = new QueueRig(8, { indirect: true });
    guest.describe(0, 0x12_0000, 16, NEXT, 1, 0x18_0000);
    guest.describe(1, 0x12_1000, 32, WRITE, 0, 0x18_0000);
    guest.describe(3, 0x18_0000, 32, 4);
    guest.describe(4, 0x12_2000, 8, NEXT, 3);
    guest.offer(3, 4);
    queue.pop();
    const whole = shown(queue);
    queue.pop();
    expect([whole.id, whole.length, shown(queue).id, shown(queue).length]).toEqual([
      3,
      [16, 32],
      4,
      [8, 16, 32],
    ]);
  });
});

describe('used chains', () => {
  test('are not seen before they are published, and then all at once', () => {
    const { queue, guest } = new QueueRig();
    guest.offer(guest.chain(4), guest.chain(4));
    queue.pop();
    queue.pop();
    queue.push(0, 3);
    queue.push(1, 4);
    const before = guest.take();
    queue.flush();
    expect([before, guest.take()]).toEqual([
      [],
      [
        [0, 3],
        [1, 4],
      ],
    ]);
  });

  test('are in the order in which the device finished them', () => {
    const rig = new QueueRig();
    rig.guest.offer(rig.guest.chain(4), rig.guest.chain(4), rig.guest.chain(4));
    rig.popAll();
    rig.finish(2);
    rig.finish(0, 1);
    expect(rig.guest.take().map(([id]) => id)).toEqual([2, 0, 1]);
  });

  test('of a queue with nothing new are not published again', () => {
    const rig = new QueueRig();
    rig.guest.offer(rig.guest.chain(4));
    rig.popAll();
    rig.finish(0);
    rig.queue.flush();
    expect([rig.guest.usedIdx, rig.interrupts]).toEqual([1, 1]);
  });

  test('are reported to a host that caches code', () => {
    const rig = new QueueRig();
    const told: number[][] = [];
    rig.board.memory.dirty = (from, to) => told.push([from, to]);
    rig.guest.offer(rig.guest.chain(4));
    rig.popAll();
    rig.finish(0);
    expect(told).toEqual([[rig.guest.used, rig.guest.used + 4 + 8 * 8]]);
  });

  test('are reported when their ring is configured, for those that are never published', () => {
    const rig = new QueueRig();
    const { at, avail, used } = rig.guest;
    const told: number[][] = [];
    rig.board.memory.dirty = (from, to) => told.push([from, to]);
    rig.queue.configure(at, avail, used);
    expect(told).toEqual([[used, used + 4 + 8 * 8]]);
  });
});

describe('indexes', () => {
  test('wrap at 65536, in any size of ring', () => {
    const around = (size: number) => {
      const rig = new QueueRig(size);
      const head = rig.guest.chain(4);
      let used = 0;
      for (let i = 0; i < 65_540; i++) {
        rig.guest.offer(head);
        rig.finish(...rig.popAll());
        used += rig.guest.take().length;
      }
      return [used, rig.guest.usedIdx, rig.findings];
    };
    expect([around(1), around(8), around(256)]).toEqual(Array(3).fill([65_540, 4, []]));
  });

  test('may be a whole ring ahead, over 65536 too', () => {
    const rig = new QueueRig(4);
    const heads = [rig.guest.chain(4), rig.guest.chain(4), rig.guest.chain(4), rig.guest.chain(4)];
    for (let i = 0; i < 65_534; i++) {
      rig.guest.offer(heads[0]!);
      rig.finish(...rig.popAll());
    }
    rig.guest.take();
    rig.guest.offer(...heads);
    rig.finish(...rig.popAll());
    expect([rig.guest.take().length, rig.guest.usedIdx, rig.findings]).toEqual([4, 2, []]);
  });

  test('of a ring of maximum size reach its last entry', () => {
    const rig = new QueueRig(32_768);
    rig.guest.describe(32_767, 0x18_0000, 4);
    rig.guest.offer(...Array(32_768).fill(32_767));
    const got = rig.popAll();
    rig.finish(...got);
    expect([got.length, rig.guest.take().at(-1)]).toEqual([32_768, [32_767, 0]]);
  });
});

describe('rewind', () => {
  test('puts back the newest chains, which are then taken again', () => {
    const rig = new QueueRig();
    rig.guest.offer(rig.guest.chain(4), rig.guest.chain(4), rig.guest.chain(4));
    rig.popAll();
    rig.queue.rewind(2);
    expect([rig.popAll(), rig.findings]).toEqual([[1, 2], []]);
  });

  test('goes back over 65536', () => {
    const rig = new QueueRig();
    const [a, b] = [rig.guest.chain(4), rig.guest.chain(4)];
    for (let i = 0; i < 65_535; i++) {
      rig.guest.offer(a);
      rig.finish(...rig.popAll());
    }
    rig.guest.offer(a, b);
    rig.popAll();
    rig.queue.rewind(2);
    expect(rig.popAll()).toEqual([a, b]);
  });
});

describe('the memory of a ring', () => {
  test('is found again after a host has put another buffer under it', () => {
    const { queue, guest, board } = new QueueRig();
    guest.offer(guest.chain(4));
    const grown = guest.bytes.slice();
    board.memory.replace(0, grown);
    queue.pop();
    queue.push(0, 4);
    queue.flush();
    expect([new DataView(grown.buffer).getUint16(guest.used + 2, true), guest.usedIdx]).toEqual([1, 0]);
  });

  test('may be absent for a while: the queue waits', () => {
    const { queue, guest, board } = new QueueRig();
    guest.offer(guest.chain(4));
    board.memory.unmap(0);
    const away = [queue.pop(), queue.ready];
    board.memory.map(0, guest.bytes);
    expect([away, queue.pop()]).toEqual([[false, true], true]);
  });

  test('may lie above 4 GiB', () => {
    const { queue, board } = new QueueRig();
    const high = board.memory.ranges[1]!.bytes;
    const guest = new RingGuest(high, 0x1000, 8, 0x8000);
    queue.configure(HIGH + guest.at, HIGH + guest.avail, HIGH + guest.used);
    guest.describe(0, HIGH + 0x8000, 4, WRITE);
    guest.offer(0);
    queue.pop();
    queue.push(0, 4);
    queue.flush();
    expect([guest.take(), queue.address]).toEqual([[[0, 4]], HIGH + 0x1000]);
  });

  test('is forgotten by a reset', () => {
    const { queue, guest } = new QueueRig();
    guest.offer(guest.chain(4));
    queue.reset();
    expect([queue.ready, queue.pop(), queue.address]).toEqual([false, false, 0]);
  });
});

describe('all data', () => {
  const out = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 2 });
  const room = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 2 });
  /** At most four chains of four buffers: a whole ring of 16. */
  const batch = fc.record({
    chains: fc.array(fc.record({ out, room }), { minLength: 1, maxLength: 4 }),
    backwards: fc.boolean(),
  });
  const [readable, writable] = [new Segments(), new Segments()];

  /** Takes every chain and fills the n-th with n. Returns what it read, and what it has yet to push. */
  function serve(queue: SplitQueue) {
    const read: number[][] = [];
    const done: [id: number, length: number][] = [];
    while (queue.pop()) {
      queue.chain.resolve(readable, writable);
      const into = new Uint8Array(readable.total);
      readable.gather(into);
      read.push([...into]);
      done.push([queue.chain.id, writable.scatter(new Uint8Array(writable.total).fill(read.length))]);
    }
    return { read, done };
  }

  test('is transferred byte for byte, however it is split and in any order of completion, over many laps', () => {
    fc.assert(
      fc.property(fc.array(batch, { minLength: 20 }), (batches) => {
        const { queue, guest, findings } = new QueueRig(16);
        for (const { chains, backwards } of batches) {
          const heads = chains.map(({ out, room }) => guest.chain(...out, ...room));
          guest.offer(...heads);
          const { read, done } = serve(queue);
          if (backwards) done.reverse();
          for (const [id, length] of done) queue.push(id, length);
          queue.flush();
          expect(read).toEqual(chains.map(({ out }) => out.flatMap((part) => [...part])));
          expect(guest.take()).toEqual(done);
          const answers = chains.map(({ out, room }, i) =>
            room.map((_, n) => [...guest.buffer(heads[i]!, out.length + n)]),
          );
          expect(answers).toEqual(
            chains.map(({ room }, i) => room.map((length) => Array(length).fill(i + 1))),
          );
        }
        expect(findings).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});
