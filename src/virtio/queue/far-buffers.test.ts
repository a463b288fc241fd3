import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LOW, PackedRig } from './packed-rig.ts';
import { INDIRECT, QueueRig, WRITE } from './queue-rig.ts';

/** The end of RAM in both rigs, and a place for a table. */
const RAM_END = LOW;
const TABLE = 0x19_0000;
const AVAIL = 0x80;

/** The difference between the end of such a buffer and that of RAM may exceed 32 bits. */
const BEYOND = fc
  .record({ at: fc.nat(0xffff_ffff), length: fc.integer({ min: 1, max: 0xffff_ffff }) })
  .filter(({ at, length }) => at + length > RAM_END);
const FAREST = { at: 0x7fff_ffff, length: 0x7fff_ffff };
const examples: [typeof FAREST][] = [[FAREST], [{ at: RAM_END - 1, length: 0x7fff_ffff }]];

test('a split ring takes no buffer that reaches beyond RAM, however far', () => {
  fc.assert(
    fc.property(BEYOND, ({ at, length }) => {
      const { guest, queue } = new QueueRig();
      guest.describe(0, at, length, WRITE);
      guest.offer(0);
      expect([queue.pop(), queue.ready]).toEqual([false, false]);
    }),
    { examples },
  );
});

test('a split ring takes no table that has such a buffer', () => {
  fc.assert(
    fc.property(BEYOND, ({ at, length }) => {
      const { guest, queue } = new QueueRig(8, { indirect: true });
      guest.describe(0, at, length, WRITE, 0, TABLE);
      guest.describe(0, TABLE, 16, INDIRECT);
      guest.offer(0);
      expect([queue.pop(), queue.ready]).toEqual([false, false]);
    }),
    { examples },
  );
});

test('a split ring takes no such table', () => {
  const { guest, queue } = new QueueRig(8, { indirect: true });
  guest.describe(0, 0x7fff_fffc, 0x7fff_fff0, INDIRECT);
  guest.offer(0);
  expect([queue.pop(), queue.ready]).toEqual([false, false]);
});

test('a packed ring takes no buffer that reaches beyond RAM, however far', () => {
  fc.assert(
    fc.property(BEYOND, ({ at, length }) => {
      const rig = new PackedRig();
      rig.describe(0, at, length, AVAIL | WRITE);
      expect([rig.queue.pop(), rig.queue.ready]).toEqual([false, false]);
    }),
    { examples },
  );
});

test('a packed ring takes no table that has such a buffer', () => {
  fc.assert(
    fc.property(BEYOND, ({ at, length }) => {
      const rig = new PackedRig();
      rig.describe(0, at, length, WRITE, 0, TABLE);
      rig.describe(0, TABLE, 16, AVAIL | INDIRECT);
      expect([rig.queue.pop(), rig.queue.ready]).toEqual([false, false]);
    }),
    { examples },
  );
});
