import type { Driver } from '../../core/driver.ts';
import { isVirtio } from '../virtio/identity.ts';
import { Nic, type NicOptions } from './net/nic.ts';

/**
 * The driver of the virtio network card.
 *
 * @example
 * machine.attach(virtioNet({ interrupts: 'polled', features: ['MAC', 'STATUS'] }));
 */
export function virtioNet(options: NicOptions = {}): Driver<Nic> {
  return {
    name: 'virtio-net',
    matches: (id) => isVirtio(id, 'net'),
    attach: (port, bdf) => new Nic(port, bdf, options),
  };
}

export const virtioNetDriver: Driver<Nic> = virtioNet();
