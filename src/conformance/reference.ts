import type { Driver } from '../core/driver.ts';
import type { GuestPort } from '../core/guest-port.ts';
import { PCI_PARTS } from '../guest/parts/index.ts';
import type { InterruptMode } from '../guest/virtio/device-interrupts.ts';
import type { DriverModel } from './model.ts';

export { FRAME } from '../guest/parts/net.ts';

/** The reference driver of each device. */
export function referenceDrivers(interrupts?: InterruptMode): readonly Driver<unknown>[] {
  const use = interrupts === undefined ? {} : { interrupts };
  return PCI_PARTS.map(({ driver }) => driver(use));
}

/** What a guest does with any device: a frame out and what has come in, a disk scanned and read, 32 random bytes. */
export function useDevices(_port: GuestPort, handles: readonly unknown[]): void {
  for (const handle of handles) PCI_PARTS.find((part) => part.owns(handle))?.use(handle);
}

/** The reference drivers, used once. */
export function referenceModel(interrupts?: InterruptMode): DriverModel {
  return { name: 'reference', drivers: referenceDrivers(interrupts), run: useDevices };
}
