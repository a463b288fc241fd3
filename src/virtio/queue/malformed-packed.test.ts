import { describe, expect, test } from 'vitest';
import { LOW, PackedRig, RING } from './packed-rig.ts';

const TABLE = 0x18_0000;
const AT = 0x10_0000;
/** Flags by their numbers in virtio 1.4, Packed Virtqueues: this test shares no declaration with the device. */
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;
const AVAILABLE = 0x80;

type Slot = readonly [address: number, length: number, flags: number, id?: number];

const FAULTS: readonly (readonly [what: string, clause: string, said: string, slots: readonly Slot[]])[] = [
  [
    'a buffer behind RAM',
    'virtio/RFEAT-D4',
    'descriptor 0: 1 bytes at 200000 do not lie in RAM',
    [[LOW, 1, AVAILABLE]],
  ],
  [
    'a buffer that wraps to 0',
    'virtio/RFEAT-D4',
    'descriptor 0: 8192 bytes at fffffffffffff000 do not lie in RAM',
    [[2 ** 64 - 4096, 8192, AVAILABLE]],
  ],
  ['an empty buffer', 'virtio/VQ-IMP-21', 'descriptor 0 has length 0', [[AT, 0, AVAILABLE]]],
  [
    'a readable buffer behind a writable one',
    'virtio/PACKED-SG-D3',
    'descriptor 1 is readable and follows a writable one',
    [
      [AT, 4, AVAILABLE | WRITE | NEXT],
      [AT, 4, AVAILABLE],
    ],
  ],
  [
    'a list whose rest is not there yet',
    'virtio/PACKED-SG-D6',
    'descriptor 1 of a list is not available, though its head is',
    [
      [AT, 4, AVAILABLE | NEXT],
      [AT, 4, 0],
    ],
  ],
  [
    'a list without an end',
    'virtio/PACKED-SG-D2',
    'a list from descriptor 0 is longer than the ring',
    // The lap ends with the wrap counter's flip, so the ring is followed once around and no further.
    [
      [AT, 4, AVAILABLE | NEXT],
      [AT, 4, AVAILABLE | NEXT],
      [AT, 4, AVAILABLE | NEXT],
      [AT, 4, AVAILABLE | NEXT],
    ],
  ],
  [
    'a table of no length',
    'virtio/VQ-IMP-13',
    'an indirect table is 0 bytes long',
    [[TABLE, 0, AVAILABLE | INDIRECT]],
  ],
  [
    'a table of half an entry',
    'virtio/VQ-IMP-13',
    'an indirect table is 24 bytes long',
    [[TABLE, 24, AVAILABLE | INDIRECT]],
  ],
  [
    'a table outside RAM',
    'virtio/RFEAT-D4',
    'an indirect table at 1ffff8 does not lie in RAM',
    [[LOW - 8, 16, AVAILABLE | INDIRECT]],
  ],
  [
    'a table in a list',
    'virtio/PACKED-IND-D4',
    'an INDIRECT descriptor is in a list of several',
    [
      [AT, 4, AVAILABLE | NEXT],
      [TABLE, 16, AVAILABLE | INDIRECT],
    ],
  ],
];

describe('a packed ring stops at', () => {
  test.each(FAULTS)('%s', (_what, clause, said, slots) => {
    const rig = new PackedRig();
    rig.describe(0, AT, 4, 0, 0, TABLE);
    for (const [i, [address, length, flags, id]] of slots.entries())
      rig.describe(i, address, length, flags, id);

    const popped = [rig.queue.pop(), rig.queue.pop()];

    expect([popped, rig.queue.ready]).toEqual([[false, false], false]);
    expect(rig.journal.findings.map((finding) => [finding.clause, finding.said])).toEqual([[clause, said]]);
  });

  test('an id that is outstanding, and outstanding chains can still be returned', () => {
    const rig = new PackedRig();
    rig.describe(0, AT, 4, AVAILABLE, 7);
    rig.describe(1, AT, 4, AVAILABLE, 7);

    const popped = [rig.queue.pop(), rig.queue.pop()];
    rig.queue.push(7, 0);
    rig.queue.flush();

    expect([popped, rig.interrupts]).toEqual([[true, false], 1]);
    expect(rig.findings).toEqual(['virtio/PACKED-IMP-8 queue: a buffer id is used while it is outstanding']);
  });

  test('areas that are not aligned, or not in RAM', () => {
    const rig = new PackedRig();

    rig.queue.configure(RING + 8, RING + 0x100, RING + 0x200);
    const unaligned = rig.queue.ready;
    rig.queue.configure(LOW - 32, RING + 0x100, RING + 0x200);

    expect([unaligned, rig.queue.ready, rig.queue.pop()]).toEqual([false, false, false]);
    expect(rig.journal.findings.map(({ clause }) => clause)).toEqual([
      'virtio/VQ-PACKED-D1',
      'virtio/RFEAT-D4',
    ]);
  });
});

describe('a packed ring goes on after', () => {
  test('a table that was not negotiated', () => {
    const rig = new PackedRig(false);
    rig.describe(0, AT, 4, 0, 0, TABLE);
    rig.describe(0, TABLE, 16, AVAILABLE | INDIRECT, 3);

    expect([rig.queue.pop(), rig.queue.chain.id, rig.queue.chain.count]).toEqual([true, 3, 1]);
    expect(rig.journal.findings.map(({ clause }) => clause)).toEqual(['virtio/PACKED-IND-D1']);
  });

  test('meaningless flags in a table', () => {
    const rig = new PackedRig();
    rig.describe(0, AT, 4, NEXT, 0, TABLE);
    rig.describe(1, AT, 4, WRITE, 0, TABLE);
    rig.describe(0, TABLE, 32, AVAILABLE | INDIRECT);

    expect([rig.queue.pop(), rig.queue.chain.count]).toEqual([true, 2]);
    expect(rig.journal.findings.map(({ clause }) => clause)).toEqual(['virtio/PACKED-IND-D2']);
  });
});
