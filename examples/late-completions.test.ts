// SPDX-License-Identifier: MIT-0
import { gceN1 } from 'guestrig';
import { virtioScsiDriver as myScsi } from 'guestrig/guest';
import { expect, test } from 'vitest';

test('reads a disk whose completions are late, out of order and in batches', () => {
  const machine = gceN1({
    seed: 7,
    completion: {
      latency: [10_000, 400_000],
      order: 'random',
      batch: { chains: 3, within: 50_000 },
      interrupts: { spurious: 4 },
      spoil: true,
    },
  });
  const host = machine.attach(myScsi);
  const data = Uint8Array.from({ length: 64 * 1024 }, (_, i) => i * 7);

  host.write(1, 0, data);

  expect(host.read(1, 0, 128)).toEqual(data);
  expect(machine.findings).toEqual([]);
});
