import { describe, expect, test } from 'vitest';
import { HIGH, NEXT, QueueRig, WRITE } from './queue-rig.ts';

/** Ten bytes before a message, in words: the last two of twelve are the message's. */
const HEADER = Int32Array.of(0x0403_0201, 0x0807_0605, 0x0c0b_0a09);
const HEADER_BYTES = 10;
const BODY = Uint8Array.from({ length: 30 }, (_, i) => 0xa0 + i);
const WHOLE = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...BODY]);
const AT = 0x10_0000;

/** A ring of eight without a watcher. */
function unwatched(): QueueRig {
  const rig = new QueueRig();
  rig.queue.pop();
  rig.queue.events = null;
  return rig;
}

test('a message is put into the next buffer and used, but not published', () => {
  const { guest, queue } = unwatched();
  const head = guest.chain(64);
  guest.offer(head);

  const delivered = queue.deliver(HEADER, HEADER_BYTES, BODY);
  const early = guest.take();
  queue.flush();

  expect([delivered, early, guest.take()]).toEqual([true, [], [[head, WHOLE.length]]]);
  expect(guest.buffer(head)).toEqual(Uint8Array.from([...WHOLE, ...new Uint8Array(24).fill(0xdb)]));
});

test('a buffer with exactly enough room takes it', () => {
  const { guest, queue } = unwatched();
  const head = guest.chain(WHOLE.length);
  guest.offer(head);
  expect([queue.deliver(HEADER, HEADER_BYTES, BODY), guest.buffer(head)]).toEqual([true, WHOLE]);
});

test('the ring wraps around', () => {
  const { guest, queue } = unwatched();
  const told: boolean[] = [];
  for (let i = 0; i < 20; i++) {
    guest.offer(guest.chain(64));
    told.push(queue.deliver(HEADER, HEADER_BYTES, BODY));
    queue.flush();
  }
  expect([new Set(told), guest.take().length, queue.pop()]).toEqual([new Set([true]), 20, false]);
});

describe('it does nothing, and leaves to the general walk', () => {
  test.each([
    ['a buffer one byte too short', AT, WHOLE.length - 1, WRITE],
    ['a buffer that is to be read', AT, 64, 0],
    ['a chain of several', AT, 64, WRITE | NEXT],
    ['unknown flags', AT, 64, WRITE | 8],
    ['a buffer that is not aligned to 4', AT + 2, 64, WRITE],
    ['a buffer beyond 4 GiB', HIGH, 64, WRITE],
    ['a buffer over the end of RAM', (2 << 20) - 32, 64, WRITE],
    ['a buffer far beyond RAM', 0x7fff_fffc, 0x7fff_ffff, WRITE],
    ['a buffer that is longer than 2 GiB', AT, 0xffff_ffff, WRITE],
  ])('%s', (_what, at, length, flags) => {
    const { guest, queue } = unwatched();
    guest.describe(0, at, length, flags, 1);
    guest.offer(0);
    const before = guest.bytes.slice();
    expect(queue.deliver(HEADER, HEADER_BYTES, BODY)).toBe(false);
    expect(Buffer.compare(guest.bytes, before)).toBe(0);
  });

  test.each([
    ['an empty ring', [], 0],
    ['a head past the ring', [8], 0],
    ['an index that is ahead', [0], 9],
  ])('%s', (_what, heads, beyond) => {
    const { guest, queue } = unwatched();
    guest.describe(0, AT, 64, WRITE);
    guest.offer(...heads);
    guest.idx += beyond;
    expect(queue.deliver(HEADER, HEADER_BYTES, BODY)).toBe(false);
  });

  test('a chain in flight', () => {
    const { guest, queue } = unwatched();
    const head = guest.chain(64);
    guest.offer(head, head);
    queue.pop();
    expect(queue.deliver(HEADER, HEADER_BYTES, BODY)).toBe(false);
  });

  test('a message shorter than a word', () => {
    const { guest, queue } = unwatched();
    guest.offer(guest.chain(64));
    expect(queue.deliver(HEADER, HEADER_BYTES, BODY.subarray(0, 3))).toBe(false);
  });

  test('any buffer with IN_ORDER', () => {
    const { guest, queue } = new QueueRig(8, { inOrder: true });
    queue.pop();
    queue.events = null;
    guest.offer(guest.chain(64));
    expect(queue.deliver(HEADER, HEADER_BYTES, BODY)).toBe(false);
  });

  test('any buffer while the ring is watched', () => {
    const { guest, queue } = new QueueRig();
    queue.pop();
    guest.offer(guest.chain(64));
    expect(queue.deliver(HEADER, HEADER_BYTES, BODY)).toBe(false);
  });

  test('any buffer while the host is notified of each write', () => {
    const { board, guest, queue } = unwatched();
    board.memory.dirty = () => undefined;
    guest.offer(guest.chain(64));
    expect(queue.deliver(HEADER, HEADER_BYTES, BODY)).toBe(false);
  });

  test('a ring not looked up yet, or stopped', () => {
    const rig = new QueueRig();
    rig.queue.events = null;
    rig.guest.offer(rig.guest.chain(64));
    rig.board.memory.epoch++;
    const early = rig.queue.deliver(HEADER, HEADER_BYTES, BODY);
    rig.guest.offer(99);
    rig.popAll();
    rig.guest.offer(rig.guest.chain(64));
    expect([early, rig.queue.ready, rig.queue.deliver(HEADER, HEADER_BYTES, BODY)]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
