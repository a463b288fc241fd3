import type { Driver } from '../../core/driver.ts';
import { isVirtio } from '../virtio/identity.ts';
import type { VirtioUse } from '../virtio/virtio-driver.ts';
import { ScsiHost } from './scsi/host.ts';

/**
 * The driver of the virtio SCSI host adapter, which has GCE's disks.
 *
 * @example
 * machine.attach(virtioScsi({ interrupts: 'intx' })).scan();
 */
export function virtioScsi(use: VirtioUse = {}): Driver<ScsiHost> {
  return {
    name: 'virtio-scsi',
    matches: (id) => isVirtio(id, 'scsi'),
    attach: (port, bdf) => new ScsiHost(port, bdf, use),
  };
}

/** The driver of the virtio SCSI host adapter, with defaults. */
export const virtioScsiDriver: Driver<ScsiHost> = virtioScsi();
