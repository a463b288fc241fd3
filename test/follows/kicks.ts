import { behind } from '../../src/conformance/broken/behind.ts';
import { answerCommon, structuresOf } from '../../src/conformance/broken/behind-modern.ts';
import { SUITE } from '../../src/conformance/index.ts';
import { FRAME } from '../../src/conformance/reference.ts';
import { virtioNet } from '../../src/guest/index.ts';
import { gceN1, type MachineOptions } from '../../src/index.ts';
import { queue_notify_off } from '../../src/virtio/transport/modern/registers.ts';
import { behindEach, type Case, inSuite, judged, known } from './play.ts';

/** Of each way in which a ring says whether it wants kicks one. */
const RINGS: readonly MachineOptions[] = [
  {},
  { kickDecoys: true },
  { ringFeatures: ['EVENT_IDX'] },
  { ringFeatures: ['EVENT_IDX'], kickDecoys: true },
  { ringFeatures: ['RING_PACKED'] },
];
const FIRST = SUITE[0]!.name;
const DECOYS = 'rings that say elsewhere that no kick is needed';
const EVENT_IDX: MachineOptions = { virtio: 'modern', rng: true, ringFeatures: ['EVENT_IDX'] };
/** Bytes of the notify structure for each queue, the queue for frames to send, and that for commands. */
const [STEP, SENDS, COMMANDS] = [4, 1, 2];

const on = (options: MachineOptions) =>
  judged({ machine: () => gceN1({ virtio: 'modern', rng: true, ...options }) });

/** A kick that goes elsewhere is missing where it should be. */
export const KICK_CASES: readonly Case[] = RINGS.flatMap((ring) => [
  ...known(['virtio/PCI-KICK-IMP-1'], () => on({ ...ring, notifyElsewhere: true })),
  // By this seed the entropy device has such capabilities.
  ...known(['virtio/PCI-CAP-D1', 'virtio/PCI-CAP-D4'], () =>
    on({ ...ring, capabilityDecoys: true, seed: 5 }),
  ),
  ...behindEach(
    virtioNet({ interrupts: 'polled', features: ['MAC', 'EVENT_IDX', 'RING_PACKED'] }),
    (nic) => nic.post(FRAME),
    on(ring),
    {
      'kicks all queues at the address of the first': (port, bdf) =>
        answerCommon(port, bdf, queue_notify_off, () => 0),
      'kicks all queues at the address of one that it does not use': (port, bdf) =>
        answerCommon(port, bdf, queue_notify_off, () => COMMANDS),
      'kicks a queue that it does not use': (port, bdf) => {
        const { notify } = structuresOf(port, bdf);
        return behind(port, {
          write: (at, value, width) =>
            at === notify + STEP * SENDS
              ? port.write(notify + STEP * COMMANDS, COMMANDS, width)
              : port.write(at, value, width),
        });
      },
    },
  ),
]).concat(
  known(['virtio/VQ-AVSUP-D4'], () => inSuite({}, FIRST, DECOYS)),
  known(['virtio/VQ-AVSUP-D6'], () => inSuite(EVENT_IDX, FIRST, DECOYS)),
);
