import type { Driver } from '../../core/driver.ts';
import { TRANSITIONAL_ID, VIRTIO_VENDOR_ID } from '../../virtio/registers.ts';
import type { InterruptMode } from '../virtio/device-interrupts.ts';
import { ScsiHost } from './scsi/host.ts';

/**
 * The driver of the virtio SCSI host adapter, behind which GCE has its disks.
 *
 * @example
 * machine.boot(virtioScsi({ interrupts: 'intx' })).scan();
 */
export function virtioScsi(options: { readonly interrupts?: InterruptMode } = {}): Driver<ScsiHost> {
  return {
    name: 'virtio-scsi',
    matches: ({ vendor, device }) => vendor === VIRTIO_VENDOR_ID && device === TRANSITIONAL_ID.scsi,
    attach: (port, bdf) => new ScsiHost(port, bdf, options.interrupts),
  };
}

export const virtioScsiDriver: Driver<ScsiHost> = virtioScsi();
