import { answerHeader, behind, behindMemory } from '../../../conformance/broken/behind.ts';
import {
  asksDisk,
  type BrokenDriver,
  breaking,
  brokenNet,
  sendsTwice,
} from '../../../conformance/broken/broken-driver.ts';
import {
  type RingRewrites,
  type RingStore,
  rewriteRings,
} from '../../../conformance/broken/rewrite-rings.ts';
import { swap16 } from '../../../core/bits.ts';
import { virtioRng } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import { LEGACY_QUEUE_ALIGN, QUEUE_SIZE, VIRTQ_DESC_F, virtq_avail } from '../../../virtio/registers.ts';

const { NEXT, WRITE } = VIRTQ_DESC_F;
const SMALL = 128;

/** A machine whose devices keep buffers for a while. */
export const LATE: MachineOptions = { completion: { latency: 1_000_000 } };

const modern = (...ringFeatures: NonNullable<MachineOptions['ringFeatures']>) => ({
  machine: () => gceN1({ virtio: 'modern', ringFeatures }),
});
const USED_OF_4096 = 0x1_3000;

/** Keeps 32 bits of a buffer's address. It takes RAM above 4 GiB, and none at the truncated address, to see it. */
const TRUNCATES: RingRewrites = { 'desc.high': () => 0 };

/** The third descriptor is the second: 0, 2, 1. */
export function astray(table: 'desc' | 'table'): RingRewrites {
  // Buffers for events are no lists, and stay as they are.
  let isList = false;
  return {
    [`${table}.next`]: ({ index, value }: RingStore) => (isList ? ([2, 0, 1][index] ?? value) : value),
    [`${table}.flags`]: ({ index, value }: RingStore) => {
      if (index < 2) isList = (value & NEXT) !== 0;
      if (!isList) return value;
      return index === 1 ? value & ~NEXT : index === 2 ? value | NEXT : value;
    },
  };
}

const brokenRng = breaking(
  virtioRng({ interrupts: 'polled' }),
  (rng) => rng.read(32),
  () => gceN1({ rng: true }),
);
export const MUTANTS: readonly BrokenDriver[] = [
  // A buffer of 0 bytes.
  brokenNet('offers buffers of no length', 'virtio/VQ-IMP-21', (port) =>
    rewriteRings(port, { 'desc.len': () => 0 }),
  ),
  // Leaves the upper half of flags as it was.
  brokenNet('sets flags that mean nothing', 'virtio/VQ-IMP-31', (port) =>
    rewriteRings(port, { 'desc.flags': ({ value }) => value | 0xfff0 }),
  ),
  // Counts heads from 1: mistakes the ring's end for its start.
  brokenNet('offers a head beyond the ring', 'virtio/VQ-IMP-3', (port) =>
    rewriteRings(port, { 'avail.ring': () => 0xffff }),
  ),
  // Counts down.
  brokenNet('moves avail.idx backwards', 'virtio/VQ-AVAIL-D1', (port) =>
    rewriteRings(port, { 'avail.idx': ({ value }) => -value & 0xffff }),
  ),
  // Makes a chain available again before it came back.
  {
    ...sendsTwice('offers a chain that the device still has', 'virtio/VQ-IMP-4', (port) =>
      rewriteRings(port, { 'avail.ring': ({ index, value }) => (index === 1 ? 0 : value) }),
    ),
    machine: () => gceN1(LATE),
  },
  // Each next is the descriptor itself.
  asksDisk('makes its chains go round', 'virtio/VQ-DESC-D1', (port) =>
    rewriteRings(port, { 'desc.next': ({ index }) => index }),
  ),
  // Mixes up buffers that the device reads and those that it writes.
  asksDisk('puts a readable buffer behind a writable one', 'virtio/VQ-FRAME-D1', (port) =>
    rewriteRings(port, { 'desc.flags': ({ value }) => ((value & NEXT) === 0 ? value : value ^ WRITE) }),
  ),
  // Sets a flag that does not exist beside NO_INTERRUPT.
  brokenNet('sets reserved bits of avail.flags', 'virtio/VQ-USEDSUP-D1', (port) =>
    rewriteRings(port, { 'avail.flags': ({ value }) => value | 2 }),
  ),
  // Knows NO_INTERRUPT from before EVENT_IDX.
  {
    ...brokenNet('sets NO_INTERRUPT with EVENT_IDX', 'virtio/VQ-USEDSUP-D2', (port) =>
      rewriteRings(port, {
        'avail.idx': ({ at, value, memory }) => {
          memory.store(at - virtq_avail.offset.idx + virtq_avail.offset.flags, 1, 2);
          return value;
        },
      }),
    ),
    ...modern('EVENT_IDX'),
  },
  // Hands over a ring in uninitialized memory.
  brokenNet('does not zero the used ring', 'virtio/VQ-AVSUP-D1', (port) => {
    const { memory } = port;
    const dirty = behindMemory(memory, (at, value, width) => memory.store(at, value, width));
    return behind(port, {
      memory: {
        ...dirty,
        fill: (at, value, length) => {
          memory.fill(at, value, length);
          // Where the used ring of 4096 entries begins.
          if (at % LEGACY_QUEUE_ALIGN === 0 && length > USED_OF_4096) memory.store(at + USED_OF_4096, 2, 2);
        },
      },
    });
  }),
  // Publishes the index little-endian, on a big-endian machine.
  {
    ...brokenNet('stores avail.idx in the other byte order', 'virtio/VQ-SPLIT-LEG-D4', (port) =>
      rewriteRings(port, { 'avail.idx': ({ value }) => swap16(value) }),
    ),
    // So few entries that the index is invalid in the wrong byte order.
    machine: () => gceN1({ guestEndian: 'big', nics: [{ ringSize: 128 }] }),
  },
  brokenNet('truncates buffer addresses to 32 bits', 'virtio/RFEAT-D4', (port) =>
    rewriteRings(port, TRUNCATES),
  ),
  {
    ...brokenNet('truncates what the platform translates', 'virtio/RFEAT-D3', (port) =>
      rewriteRings(port, TRUNCATES),
    ),
    machine: () =>
      gceN1({
        virtio: 'modern',
        ringFeatures: ['ACCESS_PLATFORM'],
        memory: { below4G: 2 << 20, above4G: 32 << 20, driversAbove4G: true },
      }),
  },
  {
    ...asksDisk('chains descriptors out of order, with IN_ORDER', 'virtio/VQ-DESC-D2', (port) =>
      rewriteRings(port, astray('desc')),
    ),
    ...modern('IN_ORDER'),
  },
  brokenRng('makes a ring of 128 entries, whatever the device says', 'virtio/VQ-SPLIT-LEG-D3', (port, bdf) =>
    answerHeader(port, bdf, QUEUE_SIZE, (ask) => Math.min(ask(), SMALL)),
  ),
];
