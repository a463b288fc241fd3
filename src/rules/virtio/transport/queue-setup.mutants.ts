import { answerHeader, behind, headerAddress, rewriteHeader } from '../../../conformance/broken/behind.ts';
import { overlooks } from '../../../conformance/broken/behind-features.ts';
import {
  answerCommon,
  CommonRegister,
  rewriteCommon,
  structuresOf,
} from '../../../conformance/broken/behind-modern.ts';
import {
  type BrokenDriver,
  breaking,
  brokenModernNet,
  brokenModernRng,
  brokenNet,
  modernMachine,
} from '../../../conformance/broken/broken-driver.ts';
import { queueResetter } from '../../../conformance/reference/models.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { virtioNet } from '../../../guest/index.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import {
  FEATURE,
  LEGACY_QUEUE_ALIGN,
  QUEUE_ADDRESS,
  QUEUE_SELECT,
  QUEUE_SIZE,
} from '../../../virtio/registers.ts';
import {
  admin_queue_index,
  queue_desc,
  queue_desc_high,
  queue_device,
  queue_device_high,
  queue_driver,
  queue_driver_high,
  queue_enable,
  queue_reset,
  queue_select,
  queue_size,
} from '../../../virtio/transport/modern/registers.ts';

const ADDRESSES = [
  queue_desc,
  queue_desc_high,
  queue_driver,
  queue_driver_high,
  queue_device,
  queue_device_high,
];
/** As all queues of the NIC here are. */
const RING_SIZE = 4096;
const NO_QUEUE = 99;
const ENTRIES = 16;
/** Of a NIC with one pair of queues. */
const RINGS = 3;

const brokenPacked = brokenModernRng({ ringFeatures: ['RING_PACKED'] });
const resets = modernMachine({ ringFeatures: ['RING_RESET'] });
const brokenResetter = breaking(queueResetter, (ask) => ask(), resets);
const brokenIdler = breaking(queueResetter, () => {}, resets);

/** Writes a queue's size, with its present value, before its first address. */
function sizesFirst(port: GuestPort, bdf: number, sizeOf: (maximum: number) => number): GuestPort {
  return rewriteCommon(port, bdf, queue_desc, (value) => {
    const size = new CommonRegister(port, bdf, queue_size);
    size.write(sizeOf(size.read()));
    return value;
  });
}

/** Assumes that the administration virtqueue follows directly behind the others. */
const guessesIndex = (port: GuestPort, bdf: number) =>
  answerCommon(
    answerCommon(port, bdf, admin_queue_index, (ask) => ask() - 1),
    bdf,
    queue_size,
    (ask) => ask() || ENTRIES,
  );

const brokenAdmin = breaking(
  virtioNet({ interrupts: 'polled' }),
  () => {},
  () => gceN1({ virtio: 'modern', nics: [{ offer: ['ADMIN_VQ'] }] }),
);

export const MUTANTS: readonly BrokenDriver[] = [
  brokenPacked('gives a packed ring no entries', 'virtio/PCI-COMMON-D2', (port, bdf) =>
    sizesFirst(port, bdf, () => 0),
  ),
  brokenModernNet('gives a split ring three entries', 'virtio/PCI-COMMON-D3', (port, bdf) =>
    sizesFirst(port, bdf, () => 3),
  ),
  brokenModernNet('gives a queue more entries than it has', 'virtio/VQ-IMP-1', (port, bdf) =>
    sizesFirst(port, bdf, (maximum) => 2 * maximum),
  ),
  brokenModernNet('enables a queue before its last address', 'virtio/PCI-COMMON-D4', (port, bdf) =>
    rewriteCommon(port, bdf, queue_enable, (value) => {
      new CommonRegister(port, bdf, queue_enable).write(value);
      const address = new CommonRegister(port, bdf, queue_device);
      address.write(address.read());
      return null;
    }),
  ),
  brokenModernNet('disables queues that it sets up', 'virtio/PCI-COMMON-D6', (port, bdf) =>
    rewriteCommon(port, bdf, queue_enable, (value) => {
      new CommonRegister(port, bdf, queue_enable).write(0);
      return value;
    }),
  ),
  brokenResetter('does not wait for the reset of a queue', 'virtio/PCI-COMMON-D7', (port, bdf) =>
    answerCommon(port, bdf, queue_reset, () => 0),
  ),
  // Kicks the queue that it has just reset.
  brokenResetter('kicks a queue before its reset is over', 'virtio/VQRESET-D1', (port, bdf) =>
    rewriteCommon(port, bdf, queue_reset, (value) => {
      new CommonRegister(port, bdf, queue_reset).write(value);
      port.write(structuresOf(port, bdf).notify, 0, 2);
      return null;
    }),
  ),
  // Assumes that a queue keeps its addresses.
  brokenIdler('enables a queue again as it was', 'virtio/VQREENABLE-D1', (port, bdf) => {
    let reset = false;
    const noting = rewriteCommon(port, bdf, queue_reset, (value) => {
      reset = true;
      return value;
    });
    return ADDRESSES.reduce(
      (before, register) => rewriteCommon(before, bdf, register, (value) => (reset ? null : value)),
      noting,
    );
  }),
  brokenModernRng({ ringFeatures: ['RING_RESET'] })(
    'resets a queue, and did not ask whether it may',
    'virtio/VQ-IMP-40',
    (port, bdf) =>
      rewriteCommon(overlooks(port, bdf, FEATURE.RING_RESET), bdf, queue_enable, (value) => {
        new CommonRegister(port, bdf, queue_reset).write(1);
        return value;
      }),
  ),
  brokenModernNet('has two rings in one place', 'virtio/VQ-IMP-27', (port, bdf) => {
    const select = new CommonRegister(port, bdf, queue_select);
    let first: number | null = null;
    return rewriteCommon(port, bdf, queue_device, (value) => {
      if (select.read() === 0) first = value;
      return first ?? value;
    });
  }),
  brokenModernNet('puts used rings two bytes further', 'virtio/VQ-SPLIT-D1', (port, bdf) =>
    rewriteCommon(port, bdf, queue_device, (value) => value + 2),
  ),
  brokenNet('knows the sizes of queues', 'virtio/VQ-SPLIT-LEG-D1', (port, bdf) =>
    answerHeader(port, bdf, QUEUE_SIZE, () => RING_SIZE),
  ),
  brokenAdmin('guesses where the administration virtqueue is', 'virtio/PCI-COMMON-D8', guessesIndex),
  // Begins each ring on the last page of the one before: it knows no padding, and counts a page too few.
  brokenNet('lets a ring begin in the one before', 'virtio/VQ-SPLIT-LEG-D2', (port) => {
    let end = 0;
    return behind(port, {
      allocate: (bytes, align) => {
        if (align !== LEGACY_QUEUE_ALIGN) return port.allocate(bytes, align);
        const at = end === 0 ? port.allocate(RINGS * bytes, align) : end - LEGACY_QUEUE_ALIGN;
        end = at + bytes;
        return at;
      },
    });
  }),
  // Sets up a missing queue before a queue's address.
  brokenNet('sets up a queue that does not exist', 'virtio/VQ-IMP-15', (port, bdf) =>
    rewriteHeader(port, bdf, QUEUE_ADDRESS, (value) => {
      const header = headerAddress(port, bdf);
      const selected = port.in(header + QUEUE_SELECT.offset, 2);
      port.out(header + QUEUE_SELECT.offset, NO_QUEUE, 2);
      port.out(header + QUEUE_ADDRESS.offset, value, 4);
      port.out(header + QUEUE_SELECT.offset, selected, 2);
      return value;
    }),
  ),
  // Forgets the address of its first queue, and kicks it nevertheless.
  brokenNet('kicks a queue that it did not set up', 'virtio/VQ-IMP-30', (port, bdf) =>
    rewriteHeader(port, bdf, QUEUE_ADDRESS, (value) =>
      port.in(headerAddress(port, bdf) + QUEUE_SELECT.offset, 2) === 0 ? null : value,
    ),
  ),
];
