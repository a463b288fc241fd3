import fc from 'fast-check';
import { expect, test } from 'vitest';
import { played, rings } from '../../src/virtio/queue/batch/batch-rig.ts';
import { repeats } from '../repeats.ts';

const RINGS = repeats(5000, 100_000);

test(`the kernel and TypeScript find the same in ${RINGS} rings, sound or not`, { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(rings, (ring) => {
      const oneByOne = played(ring, 'one by one');
      expect([played(ring, 'together'), played(ring, 'heard')]).toEqual([oneByOne, oneByOne]);
    }),
    { numRuns: RINGS },
  );
});
