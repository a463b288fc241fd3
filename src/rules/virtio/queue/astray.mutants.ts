import { bareDriver } from '../../../conformance/broken/bare-ring.ts';
import { behind, rewriteHeader } from '../../../conformance/broken/behind.ts';
import { type BrokenDriver, breaking } from '../../../conformance/broken/broken-driver.ts';
import { FRAME } from '../../../conformance/reference.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { virtioNet, virtioRng } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import { FEATURE, LEGACY_QUEUE_ALIGN, PVIRTQ_DESC_F, QUEUE_ADDRESS } from '../../../virtio/registers.ts';

const INTO_PAGE = 0x40;
const CLAUSE = 'virtio/VQ-IMP-33';
const PACKED: MachineOptions = { virtio: 'modern', rng: true, ringFeatures: ['RING_PACKED'] };

const brokenRng = breaking(
  virtioRng({ interrupts: 'polled' }),
  (rng) => rng.read(32),
  () => gceN1({ rng: true, memory: { below4G: 512 << 20 } }),
);

/** Rings begin behind the first bytes of a page. */
const intoPage = (port: GuestPort) =>
  behind(port, {
    allocate: (bytes, align) =>
      align === LEGACY_QUEUE_ALIGN
        ? port.allocate(bytes + LEGACY_QUEUE_ALIGN, align) + INTO_PAGE
        : port.allocate(bytes, align),
  });

const packsNothing: BrokenDriver = {
  clause: CLAUSE,
  machine: () => gceN1(PACKED),
  model: {
    name: 'accepts RING_PACKED, and lays out a split ring',
    drivers: [
      bareDriver('split', { size: 4, features: [FEATURE.RING_PACKED] }, (ring) => {
        ring.put(0, { address: ring.room(64), length: 64 }, 2, 0);
        ring.memory.store(ring.driver + 4, 0, 2);
        ring.memory.store(ring.driver + 2, 1, 2);
        ring.kick();
      }),
    ],
    run: () => {},
  },
};

const leavesGap: BrokenDriver = {
  clause: CLAUSE,
  machine: () => gceN1(PACKED),
  model: {
    name: 'leaves a descriptor of a packed ring out',
    drivers: [
      bareDriver('gap', { size: 4, features: [FEATURE.RING_PACKED] }, (ring) => {
        const { WRITE, AVAIL } = PVIRTQ_DESC_F;
        ring.put(0, { address: ring.room(64), length: 64 }, 0, WRITE | AVAIL);
        ring.kick();
        ring.put(2, { address: ring.room(64), length: 64 }, 1, WRITE | AVAIL);
        ring.kick();
      }),
    ],
    run: () => {},
  },
};

const nic = virtioNet({ interrupts: 'polled' });

/** A second driver takes the card, and the first one sends. */
const twoDrivers: BrokenDriver = {
  clause: CLAUSE,
  model: {
    name: 'goes on with a card that another driver took',
    drivers: [
      {
        ...nic,
        attach: (port, bdf) => {
          const first = nic.attach(port, bdf);
          nic.attach(port, bdf);
          return first;
        },
      },
    ],
    run: (_port, [first]) => (first as ReturnType<typeof nic.attach>).post(FRAME),
  },
};

/** Rings where the device does not look for them. */
export const MUTANTS: readonly BrokenDriver[] = [
  brokenRng('writes address / 1024 for a page number', CLAUSE, (port, bdf) =>
    rewriteHeader(port, bdf, QUEUE_ADDRESS, (value) => value * 4),
  ),
  brokenRng('begins a legacy ring inside a page', CLAUSE, (port, bdf) =>
    rewriteHeader(intoPage(port), bdf, QUEUE_ADDRESS, Math.floor),
  ),
  packsNothing,
  leavesGap,
  twoDrivers,
];
