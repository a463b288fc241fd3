import { changeDescriptors } from '../../../conformance/broken/behind-ring.ts';
import { type BrokenDriver, breaking } from '../../../conformance/broken/broken-driver.ts';
import { virtioRng } from '../../../guest/drivers/virtio-rng.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import { VIRTQ_DESC_F } from '../../../virtio/registers.ts';

const REQUESTQ = 0;
const { WRITE } = VIRTQ_DESC_F;

/** Puts a buffer of its own entropy before the buffer for more. */
export const MUTANTS: readonly BrokenDriver[] = [
  {
    machine: () => gceN1({ rng: true }),
    ...breaking(virtioRng({ interrupts: 'polled' }), (rng) => rng.read(32))(
      'gives the entropy device something to read',
      'virtio/RNG-OP-D1',
      (port, bdf) =>
        changeDescriptors(port, bdf, REQUESTQ, (descriptor) => {
          descriptor.double();
          descriptor.flags &= ~WRITE;
        }),
    ),
  },
];
