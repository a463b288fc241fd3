import { behind } from '../../../conformance/broken/behind.ts';
import { structuresOf } from '../../../conformance/broken/behind-modern.ts';
import { type BrokenDriver, breaking } from '../../../conformance/broken/broken-driver.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { virtioScsi } from '../../../guest/index.ts';
import { INQUIRY_SIZE } from '../../../guest/scsi/answers.ts';
import { inquiry } from '../../../guest/scsi/commands.ts';
import { gceN1 } from '../../../machine/gce-n1.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import { virtio_scsi_config } from '../../../virtio/scsi/registers.ts';

const PAGE = 4096;
/** One more than a request may have; most of the room is left alone. */
const SEGMENTS = 65;

const packed =
  (...more: NonNullable<MachineOptions['ringFeatures']>) =>
  () =>
    gceN1({ virtio: 'modern', ringFeatures: ['RING_PACKED', ...more] });
const gathers = breaking(virtioScsi({ interrupts: 'polled' }), (host) =>
  host.execute(1, 0, { ...inquiry(INQUIRY_SIZE), dataIn: SEGMENTS * PAGE }),
);

function ignoresSegMax(port: GuestPort, bdf: number): GuestPort {
  const field = structuresOf(port, bdf).device! + virtio_scsi_config.offset.seg_max;
  return behind(port, { read: (at, width) => (at === field ? SEGMENTS : port.read(at, width)) });
}

export const MUTANTS: readonly BrokenDriver[] = [
  {
    ...gathers('makes lists too long for the device', 'virtio/PACKED-SG-D1', ignoresSegMax),
    machine: packed(),
  },
  {
    ...gathers('makes tables too long for the device', 'virtio/PACKED-IND-D3', ignoresSegMax),
    machine: packed('INDIRECT_DESC'),
  },
];
