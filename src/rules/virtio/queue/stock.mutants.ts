import { behind, rewriteConfig, rewriteHeader } from '../../../conformance/broken/behind.ts';
import { rewriteIndex } from '../../../conformance/broken/behind-ring.ts';
import { type BrokenDriver, breaking } from '../../../conformance/broken/broken-driver.ts';
import { FRAME } from '../../../conformance/reference.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { virtioNet, virtioScsi } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { Machine } from '../../../machine/machine.ts';
import { COMMAND } from '../../../pci/registers.ts';
import {
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  QUEUE_ADDRESS,
  VIRTQ_AVAIL_F_NO_INTERRUPT,
} from '../../../virtio/registers.ts';
import { SCSI_QUEUE } from '../../../virtio/scsi/registers.ts';

const { INTERRUPT_DISABLE } = COMMAND.mask;
const RECEIVE = 0;
/** More frames than it has buffers, more events, and a time longer than any driver may be busy elsewhere. */
const [SMALL, FRAMES, EVENTS, LONG] = [16, 20, 9, 2_000_000_000];
const MIB = 1 << 20;

/** No buffer is ever made available in a queue. */
const stocksNothing = (queue: number) => (port: GuestPort, bdf: number) =>
  rewriteIndex(port, bdf, queue, () => null);

/** Only the first buffers are ever made available. */
const stocksOnce = (queue: number) => (port: GuestPort, bdf: number) => {
  let first: number | null = null;
  return rewriteIndex(port, bdf, queue, (idx) => {
    first ??= idx;
    return first;
  });
};

const listens = breaking(virtioNet({ interrupts: 'msix' }), (nic) => nic.post(FRAME));
const receives = breaking(
  virtioNet({ interrupts: 'msix' }),
  (nic) => {
    for (let i = 0; i < FRAMES; i++) nic.send(FRAME);
    for (let i = 0; i < FRAMES; i++) nic.receiveWithin(LONG / FRAMES);
  },
  () => gceN1({ nics: [{ ringSize: SMALL, backend: 'loopback' }] }),
);
const isCalled = (interrupts: 'msix' | 'intx') =>
  breaking(
    virtioNet({ interrupts }),
    () => {},
    () => gceN1({ nics: [{ ringSize: SMALL }] }),
  );
const waits = breaking(virtioScsi({ interrupts: 'msix' }), (host) => host.events());

/** Disks come, of which the adapter tells, and then nothing for a while. */
function disksCome(machine: Machine, use: () => void): void {
  use();
  for (let i = 0; i < EVENTS; i++) machine.addDisk({ bytes: MIB });
  machine.port.wait(() => false, LONG);
}

/** Twice more frames come than it has buffers, and then nothing for a while. */
export function framesCome(machine: Machine, use: () => void): void {
  use();
  for (let i = 0; i < 2 * FRAMES; i++) {
    machine.nics[0]!.receive(FRAME);
    if (i === FRAMES || i === 2 * FRAMES - 1) machine.port.wait(() => false, LONG);
  }
}

/** Queues that are left without buffers. */
export const MUTANTS: readonly BrokenDriver[] = [
  listens('never fills its receive queue', 'virtio/NET-RXB-D5', stocksNothing(RECEIVE)),
  receives('fills its receive queue once', 'virtio/NET-RXB-D5', stocksOnce(RECEIVE)),
  {
    ...isCalled('msix')('asks for no interrupts after its first', 'virtio/VQ-IMP-36', (port, bdf) => {
      const { memory } = port;
      let avail = 0;
      const noting = rewriteHeader(port, bdf, QUEUE_ADDRESS, (page) => {
        avail ||= page * LEGACY_QUEUE_ALIGN + legacyQueueLayout(SMALL).avail;
        return page;
      });
      return behind(noting, {
        handle: (vector, handler) =>
          noting.handle(vector, () => {
            handler();
            memory.store(avail, VIRTQ_AVAIL_F_NO_INTERRUPT, 2);
          }),
      });
    }),
    act: framesCome,
  },
  {
    ...isCalled('intx')('leaves INTx disabled', 'virtio/VQ-IMP-36', (port) =>
      rewriteConfig(port, (at, value) => (at === COMMAND.offset ? value | INTERRUPT_DISABLE : value)),
    ),
    act: framesCome,
  },
  waits('never fills its event queue', 'virtio/SCSI-INIT-D2', stocksNothing(SCSI_QUEUE.event)),
  {
    ...waits('gives no event buffer back', 'virtio/SCSI-EVT-D1', stocksOnce(SCSI_QUEUE.event)),
    act: disksCome,
  },
];
