import { expect, test } from 'vitest';
import { BitSet } from '../../core/bit-set.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { FEATURE } from '../../virtio/registers.ts';
import { driverQueue } from './driver-queue.ts';

const SIZE = 4;
const segments = (count: number) => Array.from({ length: count }, () => ({ address: 0x10_0000, length: 1 }));

// With INDIRECT_DESC too: a chain is never longer than its queue (virtio 1.4, The Virtqueue Descriptor Table).
test.each([
  ['split', []],
  ['split, with indirect tables', [FEATURE.INDIRECT_DESC]],
  ['packed', [FEATURE.RING_PACKED]],
  ['packed, with indirect tables', [FEATURE.RING_PACKED, FEATURE.INDIRECT_DESC]],
])('a chain longer than its queue is misuse: %s', (_what, bits) => {
  const queue = driverQueue(gceN1().port, { index: 0, size: SIZE, features: BitSet.of(bits) });

  expect(queue.add(segments(1), segments(SIZE - 1))).not.toBeNull();
  expect(() => queue.add(segments(1), segments(SIZE))).toThrow(
    "segments must be from 1 to 4 segments, the queue's size; got 5",
  );
});
