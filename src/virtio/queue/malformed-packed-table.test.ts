import { describe, expect, test } from 'vitest';
import { LOW, PackedRig } from './packed-rig.ts';

/** Flags by their numbers in virtio 1.4, Packed Virtqueues. */
const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;
const AVAIL = 0x80;
const AT = 0x10_0000;
const TABLE = 0x18_0000;

test('a packed ring stops at a buffer whose address would be RAM if cut to 32 bits', () => {
  const rig = new PackedRig();
  rig.describe(0, 2 ** 32 + AT, 4, AVAIL);

  expect([rig.queue.pop(), rig.journal.findings.map(({ clause }) => clause)]).toEqual([
    false,
    ['virtio/RFEAT-D4'],
  ]);
});

describe('a packed ring stops at a table', () => {
  test.each([
    ['whose address would be RAM if cut to 32 bits', 2 ** 63 + TABLE, 16, 'virtio/RFEAT-D4'],
    ['that is not aligned to 4', TABLE + 2, 16, 'virtio/RFEAT-D4'],
    ['behind RAM', LOW, 16, 'virtio/RFEAT-D4'],
    ['just below 4 GiB', 0xffff_fff0, 16, 'virtio/RFEAT-D4'],
    ['with half an entry', TABLE, 24, 'virtio/VQ-IMP-13'],
    ['with more buffers than the ring', TABLE, 80, 'virtio/VQ-IND-D3'],
  ])('%s', (_what, address, length, clause) => {
    const rig = new PackedRig();
    rig.describe(0, AT, 4, 0, 0, TABLE + 2);
    for (let i = 0; i < 5; i++) rig.describe(i, AT, 4, 0, 0, TABLE);
    rig.describe(0, address, length, AVAIL | INDIRECT);

    expect([rig.queue.pop(), rig.journal.findings.map((finding) => finding.clause)]).toEqual([
      false,
      [clause],
    ]);
  });

  test.each([
    ['above 4 GiB', 2 ** 32 + AT, 4, WRITE, 'virtio/RFEAT-D4'],
    ['behind RAM', LOW, 4, WRITE, 'virtio/RFEAT-D4'],
    ['that is empty', AT, 0, WRITE, 'virtio/VQ-IMP-21'],
    ['that is readable and follows a writable one', AT, 4, 0, 'virtio/PACKED-SG-D3'],
  ])('that has a buffer %s', (_what, address, length, flags, clause) => {
    const rig = new PackedRig();
    rig.describe(0, AT, 4, WRITE, 0, TABLE);
    rig.describe(1, address, length, flags, 0, TABLE);
    rig.describe(0, TABLE, 32, AVAIL | INDIRECT);

    expect([rig.queue.pop(), rig.journal.findings.map((finding) => finding.clause)]).toEqual([
      false,
      [clause],
    ]);
  });

  test('with NEXT, whatever follows', () => {
    const rig = new PackedRig();
    rig.describe(0, AT, 4, 0, 0, TABLE);
    rig.describe(0, TABLE, 16, AVAIL | INDIRECT | NEXT);
    rig.describe(1, AT, 4, AVAIL);

    expect([rig.queue.pop(), rig.journal.findings.map(({ clause }) => clause)]).toEqual([
      false,
      ['virtio/PACKED-IND-D4'],
    ]);
  });

  test('whose id is outstanding', () => {
    const rig = new PackedRig();
    rig.describe(0, AT, 4, 0, 0, TABLE);
    rig.describe(0, TABLE, 16, AVAIL | INDIRECT, 3);
    rig.describe(1, TABLE, 16, AVAIL | INDIRECT, 3);

    expect([rig.queue.pop(), rig.queue.pop()]).toEqual([true, false]);
    expect(rig.journal.findings.map(({ clause }) => clause)).toEqual(['virtio/PACKED-IMP-8']);
  });
});
