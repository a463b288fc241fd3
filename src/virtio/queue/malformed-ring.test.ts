import { describe, expect, test } from 'vitest';
import { HIGH, INDIRECT, NEXT, QueueRig, WRITE } from './queue-rig.ts';

/** A place for buffers, and one for an indirect table. */
const AT = 0x18_0000;
const TABLE = 0x19_0000;
const RAM_END = 2 << 20;

/** Index, address, length, flags, next; and the table it lies in, if not the ring's. */
type Descriptor = readonly [
  i: number,
  at: number,
  length: number,
  flags?: number,
  next?: number,
  table?: number,
];

/** Chains in a ring of eight, from their first descriptors, and the findings. */
const CHAINS: readonly (readonly [string, string, string, ...Descriptor[]])[] = [
  [
    'a next past the ring',
    'virtio/VQ-IMP-3',
    'next of descriptor 2 is 8, but its table has 8 entries',
    [2, AT, 4, NEXT, 8],
  ],
  [
    'a descriptor that is its own next',
    'virtio/VQ-DESC-D1',
    'the chain from descriptor 3 does not end',
    [3, AT, 4, NEXT, 3],
  ],
  [
    'a loop of two',
    'virtio/VQ-DESC-D1',
    'the chain from descriptor 0 does not end',
    [0, AT, 4, NEXT | WRITE, 1],
    [1, AT, 4, NEXT | WRITE, 0],
  ],
  [
    'a readable buffer behind a writable one',
    'virtio/VQ-FRAME-D1',
    'descriptor 1 is readable and follows a writable one',
    [0, AT, 4, NEXT | WRITE, 1],
    [1, AT, 4],
  ],
  [
    'a buffer of no length',
    'virtio/VQ-IMP-21',
    'descriptor 1 has length 0',
    [0, AT, 4, NEXT, 1],
    [1, AT, 0, WRITE],
  ],
  [
    'a buffer over the end of RAM',
    'virtio/RFEAT-D4',
    'descriptor 0: 2 bytes at 1fffff do not lie in RAM',
    [0, RAM_END - 1, 2],
  ],
  [
    'a buffer behind RAM',
    'virtio/RFEAT-D4',
    'descriptor 0: 1 bytes at 200000 do not lie in RAM',
    [0, RAM_END, 1],
  ],
  [
    'a buffer that begins just below 4 GiB',
    'virtio/RFEAT-D4',
    'descriptor 0: 16 bytes at fffffff8 do not lie in RAM',
    [0, HIGH - 8, 16, WRITE],
  ],
  [
    'a buffer over the end of RAM above 4 GiB',
    'virtio/RFEAT-D4',
    'descriptor 0: 2 bytes at 10000ffff do not lie in RAM',
    [0, HIGH + 0xffff, 2, WRITE],
  ],
  [
    'a buffer whose address would be RAM if cut to 32 bits',
    'virtio/RFEAT-D4',
    'descriptor 0: 4 bytes at 8000000000180000 do not lie in RAM',
    [0, 2 ** 63 + AT, 4, WRITE],
  ],
  [
    'a buffer that wraps to 0 in 64 bits',
    'virtio/RFEAT-D4',
    'descriptor 0: 8192 bytes at fffffffffffff000 do not lie in RAM',
    [0, 2 ** 64 - 4096, 8192, WRITE],
  ],
  [
    'a buffer that wraps to 0 in 32 bits',
    'virtio/RFEAT-D4',
    'descriptor 0: 4294967295 bytes at 180000 do not lie in RAM',
    [0, AT, 0xffff_ffff, WRITE],
  ],
  [
    'a table in a table',
    'virtio/VQ-IND-D2',
    'an indirect table holds a descriptor with INDIRECT',
    [0, TABLE, 16, INDIRECT],
    [0, AT, 16, INDIRECT, 0, TABLE],
  ],
  [
    'a table that holds itself',
    'virtio/VQ-IND-D2',
    'an indirect table holds a descriptor with INDIRECT',
    [0, TABLE, 16, INDIRECT],
    [0, TABLE, 16, INDIRECT, 0, TABLE],
  ],
  ['an empty table', 'virtio/VQ-IMP-13', 'an indirect table is 0 bytes long', [0, TABLE, 0, INDIRECT]],
  [
    'a table with half an entry',
    'virtio/VQ-IMP-13',
    'an indirect table is 24 bytes long',
    [0, TABLE, 24, INDIRECT],
  ],
  [
    'a table over the end of RAM',
    'virtio/RFEAT-D4',
    'an indirect table at 1ffff8 does not lie in RAM',
    [0, RAM_END - 8, 16, INDIRECT],
  ],
  [
    'a next past the table, though not past the ring',
    'virtio/VQ-IMP-3',
    'next of descriptor 0 is 2, but its table has 2 entries',
    [0, TABLE, 32, INDIRECT],
    [0, AT, 4, NEXT, 2, TABLE],
  ],
  [
    'a loop in a table',
    'virtio/VQ-DESC-D1',
    'the chain from descriptor 0 does not end',
    [0, TABLE, 32, INDIRECT],
    [0, AT, 4, NEXT, 1, TABLE],
    [1, AT, 4, NEXT, 0, TABLE],
  ],
  [
    'a table with more buffers than the ring has entries',
    'virtio/VQ-IND-D3',
    'a chain has more buffers than the queue has entries, 8',
    [0, TABLE, 9 * 16, INDIRECT],
    ...Array.from({ length: 9 }, (_, i): Descriptor => [i, AT, 4, i < 8 ? NEXT : 0, i + 1, TABLE]),
  ],
];

/** Available rings of eight, by their heads and how far avail.idx is beyond them. */
const OF_8 = 'and the queue has 8 descriptors';
const AHEAD = 'ahead of 0, where the device stands, in a ring of 8 entries';
const RINGS = [
  ['a head past the ring', 'virtio/VQ-IMP-3', `avail.ring[0] is 8, ${OF_8}`, [8], 0],
  ['the highest head', 'virtio/VQ-IMP-3', `avail.ring[0] is 65535, ${OF_8}`, [0xffff], 0],
  ['a jump of avail.idx', 'virtio/VQ-AVAIL-D1', `avail.idx is 9, 9 ${AHEAD}`, [], 9],
  ['a step back of avail.idx', 'virtio/VQ-AVAIL-D1', `avail.idx is 65535, 65535 ${AHEAD}`, [], -1],
] as const;

describe('a ring stops, until it is set up again, at', () => {
  const rows = CHAINS.map(([what, clause, said, ...chain]) => [what, clause, said, chain] as const);
  test.each(rows)('%s', (_what, clause, said, descriptors) => {
    const rig = new QueueRig(8, { indirect: true });
    const { queue, guest } = rig;
    for (const descriptor of descriptors) guest.describe(...descriptor);
    const ram = guest.bytes.slice(AT, AT + 0x100);
    guest.offer(descriptors[0]![0]);
    expect([queue.pop(), queue.ready, rig.findings]).toEqual([false, false, [`${clause} queue: ${said}`]]);
    expect(guest.bytes.slice(AT, AT + 0x100)).toEqual(ram);
  });

  test.each(RINGS)('%s', (_what, clause, said, heads, beyond) => {
    const rig = new QueueRig();
    rig.guest.offer(...heads);
    rig.guest.idx += beyond;
    expect([rig.queue.pop(), rig.queue.ready, rig.findings]).toEqual([
      false,
      false,
      [`${clause} queue: ${said}`],
    ]);
  });

  test('a step back of avail.idx to before chains that were already taken', () => {
    const rig = new QueueRig();
    rig.guest.offer(rig.guest.chain(4), rig.guest.chain(4));
    rig.finish(...rig.popAll());
    rig.guest.idx = 1;
    expect([rig.popAll(), rig.journal.count('virtio/VQ-AVAIL-D1')]).toEqual([[], 1]);
  });

  test('the first bad chain: earlier chains are finished, and later ones are not taken', () => {
    const rig = new QueueRig();
    rig.guest.offer(rig.guest.chain(4), 99, rig.guest.chain(4));
    const heads = rig.popAll();
    rig.finish(...heads);
    expect([heads, rig.popAll(), rig.guest.take(), rig.interrupts]).toEqual([[0], [], [[0, 0]], 1]);
  });

  test('a fault, and runs again once it is set up again', () => {
    const rig = new QueueRig();
    const { queue, guest } = rig;
    guest.offer(99);
    queue.pop();
    guest.idx = 0;
    guest.offer(guest.chain(4));
    queue.configure(guest.at, guest.avail, guest.used);
    expect([queue.ready, queue.pop(), queue.chain.id]).toEqual([true, true, 0]);
  });
});

describe('a lenient device goes on, with a finding, at', () => {
  test('a chain that it still has', () => {
    const rig = new QueueRig();
    const head = rig.guest.chain(4);
    rig.guest.offer(head, head);
    const heads = rig.popAll();
    expect([heads, rig.findings]).toEqual([
      [0, 0],
      ['virtio/VQ-IMP-4 queue: a descriptor was made available while in flight'],
    ]);
  });

  test('but without one at a chain that it has returned', () => {
    const rig = new QueueRig();
    const head = rig.guest.chain(4);
    rig.guest.offer(head);
    rig.finish(...rig.popAll());
    rig.guest.offer(head);
    rig.popAll();
    expect(rig.findings).toEqual([]);
  });

  test('an indirect table that was not negotiated', () => {
    const { queue, guest, findings, journal } = new QueueRig();
    guest.describe(0, TABLE, 16, INDIRECT);
    guest.describe(0, AT, 4, 0, 0, TABLE);
    guest.offer(0);
    expect([queue.pop(), queue.chain.segments()[0]?.address, findings]).toEqual([true, AT, []]);
    expect(journal.findings.map(({ clause }) => clause)).toEqual(['virtio/VQ-IND-D1']);
  });

  test('INDIRECT and NEXT in one descriptor: the chain is the table', () => {
    const rig = new QueueRig(8, { indirect: true });
    rig.guest.describe(0, TABLE, 16, INDIRECT | NEXT, 1);
    rig.guest.describe(1, AT, 64);
    rig.guest.describe(0, AT, 4, 0, 0, TABLE);
    rig.guest.offer(0);
    expect([rig.queue.pop(), rig.queue.chain.count, rig.queue.chain.readableBytes]).toEqual([true, 1, 4]);
    expect(rig.findings).toEqual(['virtio/VQ-IND-D4 queue: a descriptor has both INDIRECT and NEXT']);
  });

  test('INDIRECT and WRITE: the table says which buffers are writable', () => {
    const rig = new QueueRig(8, { indirect: true });
    rig.guest.describe(0, TABLE, 16, INDIRECT | WRITE);
    rig.guest.describe(0, AT, 4, 0, 0, TABLE);
    rig.guest.offer(0);
    rig.queue.pop();
    expect([rig.queue.chain.readableBytes, rig.findings]).toEqual([4, []]);
  });

  test('flags that do not exist', () => {
    const rig = new QueueRig();
    rig.guest.describe(0, AT, 4, 0xfff8, 0xffff);
    rig.guest.offer(0);
    const said = 'virtio/VQ-IMP-31 queue: the flags of descriptor 0 are fff8';
    expect([rig.queue.pop(), rig.findings]).toEqual([true, [said]]);
  });
});

describe('a ring that is configured', () => {
  test.each([
    ['outside RAM', RAM_END, 'descriptor table at 200000, of 128 bytes'],
    ['with its used ring over the end of RAM', RAM_END - 0x1000, 'used ring at 200000, of 68 bytes'],
    ['in the hole', 0xfffff000, 'descriptor table at fffff000, of 128 bytes'],
    ['at the highest page number', 0xfff_ffff_f000, 'descriptor table at ffffffff000, of 128 bytes'],
  ])('%s is not taken', (_where, at, said) => {
    const rig = new QueueRig();
    rig.queue.configure(at, at + 128, at + 4096);
    expect([rig.queue.ready, rig.queue.pop(), rig.findings]).toEqual([
      false,
      false,
      [`virtio/RFEAT-D4 queue: the ${said}, does not lie in RAM`],
    ]);
  });

  test('in the last pages of RAM is taken', () => {
    const rig = new QueueRig();
    const at = RAM_END - 0x2000;
    rig.queue.configure(at, at + 128, at + 4096);
    expect([rig.queue.ready, rig.findings]).toEqual([true, []]);
  });
});
