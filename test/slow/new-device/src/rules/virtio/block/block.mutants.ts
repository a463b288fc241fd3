import type { BrokenDriver } from '../../../conformance/broken/broken-driver.ts';
import { type BlockDriver, virtioBlock } from '../../../guest/drivers/virtio-block.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';

export const MUTANTS: readonly BrokenDriver[] = [
  {
    clause: 'virtio/BLK-OP-D1',
    machine: () => gceN1({ block: true }),
    model: {
      name: 'reads the sector behind the last one',
      drivers: [virtioBlock({ interrupts: 'polled' })],
      run: (_port, [block]: readonly (BlockDriver | undefined)[]) => void block!.read(block!.capacity),
    },
  },
];
