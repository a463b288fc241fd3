import type { Driver } from '../../core/driver.ts';
import { TRANSITIONAL_ID, VIRTIO_VENDOR_ID } from '../../virtio/registers.ts';
import { Nic, type NicOptions } from './net/nic.ts';

/**
 * The driver of the virtio network card.
 *
 * @example
 * machine.boot(virtioNet({ interrupts: 'polled', features: ['MAC', 'STATUS'] }));
 */
export function virtioNet(options: NicOptions = {}): Driver<Nic> {
  return {
    name: 'virtio-net',
    matches: ({ vendor, device }) => vendor === VIRTIO_VENDOR_ID && device === TRANSITIONAL_ID.net,
    attach: (port, bdf) => new Nic(port, bdf, options),
  };
}

export const virtioNetDriver: Driver<Nic> = virtioNet();
