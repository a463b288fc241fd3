import { behind, headerAddress } from '../../../conformance/broken/behind.ts';
import { changeDescriptors } from '../../../conformance/broken/behind-ring.ts';
import { changeRequests, changeWrites } from '../../../conformance/broken/behind-scsi.ts';
import { type BrokenDriver, breaking } from '../../../conformance/broken/broken-driver.ts';
import { BitSet } from '../../../core/bit-set.ts';
import { swap32 } from '../../../core/bits.ts';
import { RequestQueue } from '../../../guest/drivers/scsi/request-queue.ts';
import { virtioScsi } from '../../../guest/drivers/virtio-scsi.ts';
import { INQUIRY_SIZE } from '../../../guest/scsi/answers.ts';
import { inquiry, testUnitReady } from '../../../guest/scsi/commands.ts';
import { VirtioDriver } from '../../../guest/virtio/virtio-driver.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { Machine } from '../../../machine/machine.ts';
import { CDB } from '../../../scsi/cdb/registers.ts';
import { LEGACY_CONFIG, VIRTQ_DESC_F } from '../../../virtio/registers.ts';
import {
  CDB_SIZE_DEFAULT,
  SCSI_CONTROL,
  SCSI_QUEUE,
  SENSE_SIZE_DEFAULT,
  virtio_scsi_config,
  virtio_scsi_ctrl_an_req,
  virtio_scsi_ctrl_tmf_req,
  virtio_scsi_event,
  virtio_scsi_req_cmd,
  virtio_scsi_resp_cmd,
} from '../../../virtio/scsi/registers.ts';

const { WRITE } = VIRTQ_DESC_F;
const { lun, id, task_attr } = virtio_scsi_req_cmd.offset;
const CONFIG = virtio_scsi_config.offset;
const HEAD = virtio_scsi_req_cmd.size + CDB_SIZE_DEFAULT;
const RESPONSE = virtio_scsi_resp_cmd.size + SENSE_SIZE_DEFAULT;
const SECTOR = 512;
const PAGE = 4096;
/** More than a request may have; most of the room is left alone. */
const SEGMENTS = 65;
/** A megabyte goes in several requests at a time. */
const MEGABYTE_BLOCKS = 2048;

const scsi = virtioScsi({ interrupts: 'polled' });
const brokenReader = breaking(scsi, (host) => host.read(1, 0, 1));
const brokenHurry = breaking(scsi, (host) => host.read(1, 0, MEGABYTE_BLOCKS));
const brokenWriter = breaking(scsi, (host) => host.write(1, 0, new Uint8Array(SECTOR)));
const brokenManager = breaking(scsi, (host) => host.resetUnit(1));
const brokenGatherer = breaking(scsi, (host) =>
  host.execute(1, 0, { ...inquiry(INQUIRY_SIZE), dataIn: SEGMENTS * PAGE }),
);
const brokenListener = breaking(scsi, (host) => host.events());

/** Assumes that events end after the structure that it knows. */
const knownEvents = breaking(scsi, (host) => host.events(), longEvents)(
  'makes event buffers as long as it knows events',
  'virtio/SCSI-EVT-D3',
  (port, bdf) => {
    const field = headerAddress(port, bdf) + LEGACY_CONFIG.withoutMsix + CONFIG.event_info_size;
    return behind(port, { in: (at, width) => (at === field ? virtio_scsi_event.size : port.in(at, width)) });
  },
);

/** As for a request: the driver's part, then the device's. */
const eventWithHead = brokenListener('puts a head before event buffers', 'virtio/SCSI-EVT-D2', (port, bdf) =>
  changeDescriptors(port, bdf, SCSI_QUEUE.event, (descriptor) => {
    descriptor.double();
    descriptor.flags &= ~WRITE;
  }),
);

const shortEvents = brokenListener('makes event buffers too short', 'virtio/SCSI-EVT-D4', (port, bdf) =>
  changeDescriptors(port, bdf, SCSI_QUEUE.event, (descriptor) => {
    descriptor.length = virtio_scsi_event.size - 1;
  }),
);

export const MUTANTS: readonly BrokenDriver[] = [
  // Writes all of the configuration back, where two fields are the driver's.
  brokenReader('writes seg_max', 'virtio/SCSI-CFG-D1', (port, bdf) => {
    const config = headerAddress(port, bdf) + LEGACY_CONFIG.withoutMsix;
    return behind(port, {
      out: (at, value, width) => {
        if (at === config + CONFIG.sense_size) port.out(config + CONFIG.seg_max, SEGMENTS, 4);
        port.out(at, value, width);
      },
    });
  }),
  // Sends as many commands as the ring holds, and never reads how many a unit accepts.
  {
    clause: 'virtio/SCSI-CFG-D2',
    model: {
      name: 'floods a logical unit',
      drivers: [
        {
          ...scsi,
          attach: (port, bdf) => {
            const device = new VirtioDriver(port, bdf, 'virtio-scsi', { interrupts: 'polled' });
            device.negotiate(() => new BitSet());
            const requests = new RequestQueue(device, SCSI_QUEUE.request, SEGMENTS);
            device.ready();
            for (let i = 0; i < SEGMENTS; i++)
              requests.submit({ target: 1, lun: 0 }, testUnitReady(), () => undefined);
            requests.kick();
          },
        },
      ],
    },
  },
  brokenReader('asks for ordered commands', 'virtio/SCSI-REQ-D2', (port) =>
    changeWrites(port, HEAD, (head) => {
      head[task_attr] = head[virtio_scsi_req_cmd.size] === CDB.INQUIRY.usage[0] ? 0 : 1;
    }),
  ),
  { ...eventWithHead, act: plugIn },
  { ...shortEvents, act: plugIn },
  brokenReader('cuts the request header', 'virtio/SCSI-FRAME-LEG-D1', (port, bdf) =>
    changeRequests(port, bdf, HEAD, (descriptor) => descriptor.cut(virtio_scsi_req_cmd.size)),
  ),
  brokenReader('cuts the response', 'virtio/SCSI-FRAME-LEG-D2', (port, bdf) =>
    changeRequests(port, bdf, RESPONSE, (descriptor) => descriptor.cut(virtio_scsi_resp_cmd.size)),
  ),
  // Bits 7 and 6 of the third byte are 2: logical unit addressing, which is more than a LUN.
  brokenReader('addresses a unit by bus', 'virtio/SCSI-IMP-1', (port) =>
    changeWrites(port, HEAD, (head) => {
      head[lun + 2] = 0x80;
    }),
  ),
  brokenReader('sends a header without its last byte', 'virtio/SCSI-IMP-2', (port, bdf) =>
    changeRequests(port, bdf, HEAD, (descriptor) => {
      descriptor.length--;
    }),
  ),
  brokenWriter('leaves room for an answer to a write', 'virtio/SCSI-IMP-3', (port, bdf) =>
    changeRequests(port, bdf, RESPONSE, (descriptor) => {
      if (descriptor.flags !== WRITE) return;
      const room = descriptor.double();
      room.address = port.allocate(room.length, 1);
    }),
  ),
  brokenGatherer('ignores seg_max', 'virtio/SCSI-IMP-4', (port, bdf) => {
    const field = headerAddress(port, bdf) + LEGACY_CONFIG.withoutMsix + CONFIG.seg_max;
    return behind(port, { in: (at, width) => (at === field ? SEGMENTS : port.in(at, width)) });
  }),
  brokenHurry('gives every request the same id', 'virtio/SCSI-IMP-5', (port) =>
    changeWrites(port, HEAD, (head) => head.fill(0, id, id + 8)),
  ),
  brokenManager('asks for notifications by half a request', 'virtio/SCSI-IMP-6', (port, bdf) =>
    changeDescriptors(port, bdf, SCSI_QUEUE.control, (descriptor) => {
      if (descriptor.length !== virtio_scsi_ctrl_tmf_req.size) return;
      descriptor.put(0, SCSI_CONTROL.AN_QUERY, 2);
      descriptor.length = virtio_scsi_ctrl_an_req.size / 2;
    }),
  ),
  brokenManager('asks for task management 8', 'virtio/SCSI-IMP-6', (port) =>
    changeWrites(port, virtio_scsi_ctrl_tmf_req.size, (request) => {
      request[virtio_scsi_ctrl_tmf_req.offset.subtype] = 8;
    }),
  ),
  brokenManager('resets a unit that it does not name', 'virtio/SCSI-IMP-6', (port) =>
    changeWrites(port, virtio_scsi_ctrl_tmf_req.size, (request) => {
      const { lun: at } = virtio_scsi_ctrl_tmf_req.offset;
      request.fill(0, at, at + 8);
    }),
  ),
  // Those that send INQUIRY.
  brokenReader('asks in order for its identity', 'virtio/SCSI-REQ-D1', (port) =>
    changeWrites(port, HEAD, (head) => {
      if (head[virtio_scsi_req_cmd.size] === CDB.INQUIRY.usage[0]) head[task_attr] = 1;
    }),
  ),
  brokenReader('names a unit on a second level', 'scsi/LUN-TAIL', (port) =>
    changeWrites(port, HEAD, (head) => {
      head[lun + 5] = 1;
    }),
  ),
  { ...knownEvents, act: plugIn },
  brokenReader('writes sense_size big-endian', 'virtio/SCSI-CFG-LEG-D1', (port, bdf) => {
    const field = headerAddress(port, bdf) + LEGACY_CONFIG.withoutMsix + CONFIG.sense_size;
    return behind(port, {
      out: (at, value, width) => port.out(at, at === field ? swap32(value) >>> 0 : value, width),
    });
  }),
  brokenManager('writes subtypes big-endian', 'virtio/SCSI-CTRL-LEG-D1', (port) =>
    changeWrites(port, virtio_scsi_ctrl_tmf_req.size, (request) => {
      const { subtype } = virtio_scsi_ctrl_tmf_req.offset;
      request.subarray(subtype, subtype + 4).reverse();
    }),
  ),
];

/** Bytes of an event that only later drivers know. */
function longEvents(): Machine {
  return gceN1({ scsi: { eventInfoSize: 32 } });
}

function plugIn(machine: Machine, use: () => void): void {
  machine.addDisk({ bytes: SECTOR });
  use();
}
