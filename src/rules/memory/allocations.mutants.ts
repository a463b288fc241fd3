import { behind } from '../../conformance/broken/behind.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import { breakingGvnic } from '../../conformance/broken/broken-gvnic.ts';
import { FRAME } from '../../conformance/reference.ts';
import { RX_BUFFER } from '../../gvnic/registers/gqi.ts';

/** The device is told that each has 2048 bytes. */
export const MUTANTS: readonly BrokenDriver[] = [
  {
    ...breakingGvnic('GQI_RDA', (nic) => nic.post(FRAME))(
      'allocates half of each receive buffer',
      'ram/PAST-END',
      (port) =>
        behind(port, {
          allocate: (bytes, align) => port.allocate(bytes === RX_BUFFER ? bytes / 2 : bytes, align),
        }),
    ),
    act: (machine, use) => {
      use();
      machine.nics[0]!.receive(FRAME);
    },
  },
];
