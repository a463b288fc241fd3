import { headerAddress, rememberHeader, rewriteHeader } from '../../../conformance/broken/behind.ts';
import { type BrokenDriver, brokenMsixNet } from '../../../conformance/broken/broken-driver.ts';
import { ISR_STATUS, QUEUE_MSIX_VECTOR, QUEUE_NOTIFY } from '../../../virtio/registers.ts';

const NO_ENTRY = 99;

/** Mistakes with the vectors of a queue, and with ISR. */
export const MUTANTS: readonly BrokenDriver[] = [
  brokenMsixNet('asks for a vector beyond the table', 'virtio/MSIX-D2', (port, bdf) =>
    rewriteHeader(port, bdf, QUEUE_MSIX_VECTOR, (value) => {
      port.out(headerAddress(port, bdf) + QUEUE_MSIX_VECTOR.offset, NO_ENTRY, 2);
      return value;
    }),
  ),
  brokenMsixNet('does not read vectors back', 'virtio/MSIX-D3', (port, bdf) =>
    rememberHeader(port, bdf, QUEUE_MSIX_VECTOR, () => true),
  ),
  brokenMsixNet('reads ISR though it has messages', 'virtio/PCI-ISR-D1', (port, bdf) =>
    rewriteHeader(port, bdf, QUEUE_NOTIFY, (value) => {
      port.in(headerAddress(port, bdf) + ISR_STATUS.offset, 1);
      return value;
    }),
  ),
];
