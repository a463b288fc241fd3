import fc from 'fast-check';
import { expect, test } from 'vitest';
import { played, rings } from '../../src/virtio/queue/batch/batch-rig.ts';

test('the kernel and TypeScript find the same in 100,000 rings, sound or not', { timeout: 600_000 }, () => {
  fc.assert(
    fc.property(rings, (ring) => {
      const oneByOne = played(ring, 'one by one');
      expect([played(ring, 'together'), played(ring, 'heard')]).toEqual([oneByOne, oneByOne]);
    }),
    { numRuns: 100_000 },
  );
});
