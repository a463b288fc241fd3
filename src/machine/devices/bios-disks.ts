import { EBDA } from '../../acpi/tables.ts';
import type { Gpa, Nanos } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import {
  DEVICE_STATUS,
  ISR_STATUS,
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  QUEUE_ADDRESS,
  QUEUE_NOTIFY,
  QUEUE_SELECT,
  QUEUE_SIZE,
  VIRTQ_AVAIL_F_NO_INTERRUPT,
  VIRTQ_DESC_F,
  virtq_avail,
  virtq_desc,
  virtq_used,
} from '../../virtio/registers.ts';
import {
  CDB_SIZE_DEFAULT,
  SCSI_QUEUE,
  SCSI_RESPONSE,
  SENSE_SIZE_DEFAULT,
  virtio_scsi_req_cmd,
  virtio_scsi_resp_cmd,
} from '../../virtio/scsi/registers.ts';

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

const { ACKNOWLEDGE, DRIVER, DRIVER_OK } = DEVICE_STATUS.mask;
const { NEXT, WRITE } = VIRTQ_DESC_F;
const REQUEST = { at: 0x000, bytes: virtio_scsi_req_cmd.size + CDB_SIZE_DEFAULT };
const RESPONSE = { at: 0x100, bytes: virtio_scsi_resp_cmd.size + SENSE_SIZE_DEFAULT };
const DATA_AT = 0x200;
/** Request, response and data lie in the page before the ring. */
const BUFFERS = LEGACY_QUEUE_ALIGN;
const SINGLE_LEVEL = [1, 0x40] as const;
/** SeaBIOS waits this long for a disk to become ready, and without limit for a single request. */
const PATIENCE: Nanos = 5_000_000_000;

/** Where a disk is. */
interface Place {
  readonly target: number;
  readonly lun: number;
}

/** A command, and how many bytes it brings. */
interface DiskCommand {
  readonly cdb: readonly number[];
  readonly brings: number;
}

/**
 * A BIOS's driver of the request queue of a legacy SCSI adapter: one request at a time, from descriptor 0 on,
 * without interrupts.
 */
class DiskDriver {
  private readonly port: GuestPort;
  private readonly header: number;
  private readonly size: number;
  private readonly desc: Gpa;
  private readonly avail: Gpa;
  private readonly used: Gpa;
  private requests = 0;

  /** Sets the selected queue up, with its memory from `ring` on, and sets DRIVER_OK. */
  constructor(port: GuestPort, header: number, ring: Gpa, size: number) {
    const { avail, used } = legacyQueueLayout(size);
    this.port = port;
    this.header = header;
    this.size = size;
    this.desc = ring;
    this.avail = ring + avail;
    this.used = ring + used;
    port.memory.store(this.avail, VIRTQ_AVAIL_F_NO_INTERRUPT, 2);
    port.memory.store(this.avail + virtq_avail.offset.idx, 0, 2);
    port.memory.fill(this.used, 0, virtq_used.size);
    port.out(header + QUEUE_ADDRESS.offset, ring / LEGACY_QUEUE_ALIGN, 4);
    port.out(header + DEVICE_STATUS.offset, ACKNOWLEDGE | DRIVER | DRIVER_OK, 1);
  }

  /** @returns the SCSI status of the disk, or null if no disk answered. */
  run(place: Place, { cdb, brings }: DiskCommand): number | null {
    const { port, desc } = this;
    const buffers = desc - BUFFERS;
    port.memory.fill(buffers, 0, RESPONSE.at + RESPONSE.bytes);
    port.memory.write(buffers + REQUEST.at, lunOf(place));
    port.memory.write(buffers + REQUEST.at + virtio_scsi_req_cmd.size, Uint8Array.from(cdb));
    this.describe(0, buffers + REQUEST.at, REQUEST.bytes, NEXT);
    this.describe(1, buffers + RESPONSE.at, RESPONSE.bytes, brings > 0 ? WRITE | NEXT : WRITE);
    if (brings > 0) this.describe(2, buffers + DATA_AT, brings, WRITE);
    if (!this.submit()) return null;
    const { response, status } = virtio_scsi_resp_cmd.offset;
    const answered = port.memory.load(buffers + RESPONSE.at + response, 1) === SCSI_RESPONSE.OK;
    return answered ? port.memory.load(buffers + RESPONSE.at + status, 1) : null;
  }

  /** @returns whether the chain came back. */
  private submit(): boolean {
    const { port, avail, used, header } = this;
    const slot = this.requests % this.size;
    port.memory.store(avail + virtq_avail.size + 2 * slot, 0, 2);
    this.requests++;
    port.memory.store(avail + virtq_avail.offset.idx, this.requests, 2);
    port.out(header + QUEUE_NOTIFY.offset, SCSI_QUEUE.request, 2);
    const isBack = () => port.memory.load(used + virtq_used.offset.idx, 2) === this.requests;
    const came = port.wait(isBack, PATIENCE);
    port.in(header + ISR_STATUS.offset, 1);
    return came;
  }

  private describe(index: number, address: Gpa, bytes: number, flags: number): void {
    const { memory } = this.port;
    const at = this.desc + index * virtq_desc.size;
    const { addr, len, flags: flagsAt, next } = virtq_desc.offset;
    memory.fill(at + addr, 0, 8);
    memory.store(at + addr + (memory.endian === 'be' ? 4 : 0), address, 4);
    memory.store(at + len, bytes, 4);
    memory.store(at + flagsAt, flags, 2);
    memory.store(at + next, index + 1, 2);
  }
}

function lunOf({ target, lun }: Place): Uint8Array {
  const [single, flat] = SINGLE_LEVEL;
  return Uint8Array.of(single, target, flat | (lun >> 8), lun & 0xff);
}
