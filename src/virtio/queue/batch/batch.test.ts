import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NEXT, WRITE } from '../queue-rig.ts';
import { Batch } from './batch.ts';
import { BatchRig, played, rings } from './batch-rig.ts';

describe('chains taken at once', () => {
  // 100,000 are a slow test.
  test('are the same as one by one, in any ring', () => {
    fc.assert(
      fc.property(rings, (ring) => {
        const oneByOne = played(ring, 'one by one');
        expect([played(ring, 'together'), played(ring, 'heard')]).toEqual([oneByOne, oneByOne]);
      }),
      { numRuns: 200 },
    );
  });

  test('end before the first that is not plain, which is left to pop', () => {
    const rig = new BatchRig({});
    const { guest, queue, batch } = rig;
    const plain = [guest.chain(4), guest.chain(4), guest.chain(4)];
    guest.describe(3, 0xa000, 0);
    guest.offer(...plain, 3);

    const count = queue.take(batch);

    expect([count, batch.id(0), batch.id(2), queue.ready]).toEqual([3, 0, 2, true]);
  });

  test('are limited by the batch’s room', () => {
    const rig = new BatchRig({});
    const { guest, queue, batch } = rig;
    for (let i = 0; i < 8; i++) guest.offer(guest.chain(4));

    const first = queue.take(batch);
    queue.give(batch);

    expect([first, queue.take(batch)]).toEqual([5, 3]);
  });

  test('are none if there are too few for a gain', () => {
    const { guest, queue, batch } = new BatchRig({});
    guest.offer(guest.chain(4), guest.chain(4));

    expect(queue.take(batch)).toBe(0);
  });

  test('are none if avail.idx jumped by more than the ring has, which is left to pop', () => {
    const { guest, queue, batch } = new BatchRig({});
    for (let i = 0; i < 8; i++) guest.offer(guest.chain(4));
    guest.idx += 1;

    expect([queue.take(batch), queue.pop()]).toEqual([0, false]);
  });

  test('are none while the ring is watched', () => {
    const { guest, queue, batch, board } = new BatchRig({});
    for (let i = 0; i < 8; i++) guest.offer(guest.chain(4));
    board.memory.dirty = () => {};

    expect([queue.pop(), queue.take(batch)]).toEqual([true, 0]);
  });

  test('are none while a batch is still in use', () => {
    const { guest, queue, batch } = new BatchRig({});
    for (let i = 0; i < 8; i++) guest.offer(guest.chain(4));

    expect([queue.take(batch), queue.take(batch)]).toEqual([5, 0]);
  });

  test('leave a chain with more to read than a slot to pop', () => {
    const { guest, queue, batch } = new BatchRig({});
    guest.offer(guest.chain(new Uint8Array(65)), guest.chain(4), guest.chain(4));

    expect([queue.take(batch), queue.pop(), queue.chain.readableBytes]).toEqual([0, true, 65]);
  });

  test('continue in the new buffer when the memory grew', () => {
    const rig = new BatchRig({});
    const { board, guest, holder, queue, batch } = rig;
    for (let i = 0; i < 8; i++) guest.offer(guest.chain(4));
    queue.take(batch);
    holder.grow(1);
    board.memory.replace(0, new Uint8Array(holder.buffer, 0, 0x1_0000));
    for (let i = 0; i < 5; i++) batch.finish(i, 4);
    queue.give(batch);
    rig.serve(true);
    const { buffer } = holder;

    expect(new DataView(buffer).getUint16(guest.used + 2, true)).toBe(8);
  });

  test('of a ring that was set up again are not returned', () => {
    const { guest, queue, batch } = new BatchRig({});
    for (let i = 0; i < 8; i++) guest.offer(guest.chain(4));
    queue.take(batch);
    queue.configure(guest.at, guest.avail, guest.used);
    queue.give(batch);
    queue.flush();

    expect([guest.usedIdx, queue.pop(), queue.chain.id]).toEqual([0, true, 0]);
  });

  test('are taken from where the ring was moved to', () => {
    const { guest, queue, batch, board } = new BatchRig({});
    for (let i = 0; i < 8; i++) guest.offer(guest.chain(4));
    queue.take(batch);
    queue.give(batch);
    const { bytes } = board.memory.ranges[0]!;
    const moved = guest.at + 0x4000;
    bytes.copyWithin(moved, guest.at, guest.at + 0x1000);
    bytes.fill(0, guest.at, guest.at + 0x1000);
    queue.configure(moved, moved + guest.avail - guest.at, moved + guest.used - guest.at);

    expect(queue.take(batch)).toBe(5);
  });

  test('are in flight until they are returned', () => {
    const rig = new BatchRig({});
    const { guest, queue, batch } = rig;
    const heads = [guest.chain(4), guest.chain(4), guest.chain(4)];
    guest.offer(...heads);
    queue.take(batch);
    guest.offer(...heads);
    const again = new Batch(rig.board.memory, { chains: 4, slot: 0, spans: 8 });
    const early = queue.take(again);
    queue.give(batch);

    expect([early, queue.take(again)]).toEqual([0, 3]);
  });

  test('are answered into all their buffers, in order', () => {
    const rig = new BatchRig({});
    const { guest } = rig;
    guest.describe(0, 0xc000, 3, WRITE | NEXT, 1);
    guest.describe(1, 0xc008, 2, WRITE);
    guest.describe(2, 0xc010, 1, WRITE);
    guest.describe(3, 0xc011, 1, WRITE);
    guest.offer(0, 2, 3);
    rig.serve(true);

    expect([rig.together, Buffer.from(guest.bytes.subarray(0xc000, 0xc00a)).toString('hex')]).toEqual([
      3,
      '00070e0f14191e23151c',
    ]);
  });
});

test('most rings have chains that come together', () => {
  const together = fc.sample(rings, { numRuns: 300, seed: 1 }).filter((ring) => {
    const rig = new BatchRig(ring);
    rig.guest.offer(...ring.rounds[0]!);
    rig.serve(true);
    return rig.together > 0;
  });

  expect(together.length).toBeGreaterThan(50);
});

test('a batch in plain memory finds nothing', () => {
  const { guest, queue, board } = new BatchRig({});
  guest.offer(guest.chain(4), guest.chain(4), guest.chain(4));
  const elsewhere = new Batch(board.memory, { chains: 4, slot: 0x1_0000, spans: 4 });

  expect(queue.take(elsewhere)).toBe(0);
});
