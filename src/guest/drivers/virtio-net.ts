import type { Driver } from '../../core/driver.ts';
import { isVirtio } from '../virtio/identity.ts';
import type { NicUse } from './net/bring-up.ts';
import { NicDriver } from './net/nic.ts';

/**
 * The driver of the virtio network card.
 *
 * @example
 * machine.attach(virtioNet({ interrupts: 'polled', features: ['MAC', 'STATUS'] }));
 */
export function virtioNet(options: NicUse = {}): Driver<NicDriver> {
  return {
    name: 'virtio-net',
    matches: (id) => isVirtio(id, 'net'),
    attach: (port, bdf) => new NicDriver(port, bdf, options),
  };
}

/** The driver of the virtio network card, which accepts every feature that it supports. */
export const virtioNetDriver: Driver<NicDriver> = virtioNet();
