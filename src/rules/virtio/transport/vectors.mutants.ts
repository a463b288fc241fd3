import {
  answerHeader,
  headerAddress,
  rememberHeader,
  rewriteHeader,
} from '../../../conformance/broken/behind.ts';
import { type BrokenDriver, breaking, brokenMsixNet } from '../../../conformance/broken/broken-driver.ts';
import { FRAME } from '../../../conformance/reference.ts';
import { virtioNet } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import { ISR_STATUS, QUEUE_MSIX_VECTOR, QUEUE_NOTIFY, QUEUE_SELECT } from '../../../virtio/registers.ts';

const NO_ENTRY = 99;

/** Frames, each of which interrupts by itself, and longer than any of them takes. */
const [FRAMES, PAUSE] = [8, 200_000_000];
const { QUEUE, CONFIG } = ISR_STATUS.mask;

/** One interrupt of two says that the configuration changed, too. */
const sendsByLine: typeof brokenMsixNet = (...what) => ({
  ...breaking(virtioNet({ interrupts: 'intx' }), (nic) => nic.post(FRAME))(...what),
  machine: () => gceN1({ completion: { latency: 10_000, interrupts: { configuration: 2 } } }),
  act: ({ port }, use) => {
    for (let i = 0; i < FRAMES; i++) {
      use();
      port.wait(() => false, PAUSE);
    }
  },
});

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
  brokenMsixNet('sets vectors behind DRIVER_OK', 'virtio/MSIX-IMP-1', (port, bdf) => {
    const header = headerAddress(port, bdf);
    const vectors: number[] = [];
    const noting = rememberHeader(
      rewriteHeader(port, bdf, QUEUE_MSIX_VECTOR, (value) => {
        vectors.push(value);
        return null;
      }),
      bdf,
      QUEUE_MSIX_VECTOR,
      () => true,
    );
    return rewriteHeader(noting, bdf, QUEUE_NOTIFY, (value) => {
      for (const [queue, vector] of vectors.splice(0).entries()) {
        port.out(header + QUEUE_SELECT.offset, queue, 2);
        port.out(header + QUEUE_MSIX_VECTOR.offset, vector, 2);
        port.in(header + QUEUE_MSIX_VECTOR.offset, 2);
      }
      return value;
    });
  }),
  brokenMsixNet('reads ISR though it has messages', 'virtio/PCI-ISR-D1', (port, bdf) =>
    rewriteHeader(port, bdf, QUEUE_NOTIFY, (value) => {
      port.in(headerAddress(port, bdf) + ISR_STATUS.offset, 1);
      return value;
    }),
  ),
  sendsByLine('compares ISR with 1', 'virtio/PCI-ISR-IMP-1', (port, bdf) =>
    answerHeader(port, bdf, ISR_STATUS, (ask) => (ask() === QUEUE ? QUEUE : 0)),
  ),
  sendsByLine('serves the queues if the configuration changed', 'virtio/PCI-ISR-IMP-1', (port, bdf) =>
    answerHeader(port, bdf, ISR_STATUS, (ask) => (ask() & CONFIG ? QUEUE : 0)),
  ),
];
