import { EBDA } from '../../acpi/tables.ts';
import type { Gpa } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import {
  DEVICE_STATUS,
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  QUEUE_SELECT,
  QUEUE_SIZE,
} from '../../virtio/registers.ts';
import { SCSI_QUEUE } from '../../virtio/scsi/registers.ts';
import { BUFFERS, type DiskCommand, DiskDriver, type Place } from './bios-disk-driver.ts';

const { ACKNOWLEDGE, DRIVER } = DEVICE_STATUS.mask;
/** A request, a response and its data are up to three descriptors. */
const LEAST_RING = 4;

/**
 * RAM that a firmware may use for itself: unlisted in the memory map, between a display's ROM and the F segment; or
 * else low RAM below the EBDA, which the map does list.
 */
const ROOMS = [
  { from: 0xc_4000, to: 0xf_0000 },
  { from: 0x1_0000, to: EBDA },
] as const;

const TEST_UNIT_READY: DiskCommand = { cdb: [0x00], brings: 0 };
const REQUEST_SENSE: DiskCommand = { cdb: [0x03, 0, 0, 0, 18], brings: 18 };
const INQUIRY: DiskCommand = { cdb: [0x12, 0, 0, 0, 36], brings: 36 };
const READ_CAPACITY: DiskCommand = { cdb: [0x25], brings: 8 };
const GOOD = 0x00;
/** How often a disk may report that it is not ready: it has few unit attentions pending. */
const ASKED = 8;

/**
 * Leaves a legacy SCSI adapter, just reset, with its header at port `header`, as a BIOS's driver does. It sets up the
 * request queue alone, without a look at the features, and asks each disk for its identity, its readiness and its
 * size. It reads no block: a disk's contents are the user's.
 *
 * @returns false, with the adapter reset, if there is no room for the ring or a request is not answered.
 */
export function driveDisks(port: GuestPort, header: number, disks: readonly Place[]): boolean {
  port.out(header + DEVICE_STATUS.offset, ACKNOWLEDGE | DRIVER, 1);
  port.out(header + QUEUE_SELECT.offset, SCSI_QUEUE.request, 2);
  const size = port.in(header + QUEUE_SIZE.offset, 2);
  const ring = roomFor(size);
  if (ring !== null) {
    const driver = new DiskDriver(port, header, ring, size);
    if (disks.every((place) => isReady(driver, place))) return true;
  }
  port.out(header + DEVICE_STATUS.offset, 0, 1);
  return false;
}

/** Where a ring of `size` entries has room, with the buffers before it: as high as may be; or null. */
function roomFor(size: number): Gpa | null {
  if (size < LEAST_RING) return null;
  const { bytes } = legacyQueueLayout(size);
  for (const { from, to } of ROOMS) {
    const ring = Math.floor((to - bytes) / LEGACY_QUEUE_ALIGN) * LEGACY_QUEUE_ALIGN;
    if (ring - BUFFERS >= from) return ring;
  }
  return null;
}

/** False if the disk does not answer. */
function isReady(driver: DiskDriver, place: Place): boolean {
  if (driver.run(place, INQUIRY) === null) return false;
  for (let asked = 0; asked < ASKED; asked++) {
    const status = driver.run(place, TEST_UNIT_READY);
    if (status === null) return false;
    if (status === GOOD) break;
    driver.run(place, REQUEST_SENSE);
  }
  return driver.run(place, READ_CAPACITY) !== null;
}
