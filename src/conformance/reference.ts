import type { Driver, DriverModel } from '../core/driver.ts';
import type { GuestPort } from '../core/guest-port.ts';
import {
  BalloonDriver,
  type InterruptMode,
  NicDriver,
  RngDriver,
  ScsiHost,
  virtioBalloon,
  virtioNet,
  virtioRng,
  virtioScsi,
} from '../guest/index.ts';

/** To everybody, from nobody, of a type for experiments: sixty bytes that no receiver takes for anything. */
export const FRAME = Uint8Array.from({ length: 60 }, (_, i) =>
  i < 6 ? 0xff : i === 12 ? 0x88 : i === 13 ? 0xb5 : 0,
);

/** The reference driver of each device. */
export function referenceDrivers(interrupts?: InterruptMode): readonly Driver<unknown>[] {
  const use = interrupts === undefined ? {} : { interrupts };
  return [virtioScsi(use), virtioNet(use), virtioRng(use), virtioBalloon(use)];
}

/** What a guest does with any device: a frame out and what has come in, a disk scanned and read, 32 random bytes. */
export function useDevices(_port: GuestPort, handles: readonly unknown[]): void {
  for (const handle of handles) {
    if (handle instanceof NicDriver) useNic(handle);
    if (handle instanceof ScsiHost) useDisks(handle);
    if (handle instanceof RngDriver) handle.read(32);
    if (handle instanceof BalloonDriver) handle.follow();
  }
}

/** The reference drivers, used once. */
export function referenceModel(interrupts?: InterruptMode): DriverModel {
  return { name: 'reference', drivers: referenceDrivers(interrupts), run: useDevices };
}

function useNic(nic: NicDriver): void {
  nic.send(FRAME);
  while (nic.receive() !== null);
}

function useDisks(host: ScsiHost): void {
  host.events();
  for (const { target, lun } of host.scan()) host.read(target, 0, 1, lun);
}
