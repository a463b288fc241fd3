import type { Driver } from '../../src/guest/index.ts';
import type { Machine } from '../../src/index.ts';
import type { VirtioDevice } from '../../src/virtio/device.ts';
import { VirtioFunction } from '../../src/virtio/transport/function.ts';
import type { HostileRing, Part } from './ring.ts';

export const POLLED = { interrupts: 'polled' } as const;
export const MIB = 0x10_0000;
/** Address of rings, tables and buffers: RAM that no allocation reaches. */
export const RING = 64 * MIB;
export const OTHER_RING = 68 * MIB;
export const TABLES = 72 * MIB;
export const BUFFERS = 96 * MIB;

/** A guest's actions, and the machine for them. */
export interface Deed {
  readonly machine: Machine;
  /** The access itself. */
  act(): void;
  /** Nothing is left to do. */
  done(): boolean;
}

export const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** So many non-adjacent parts of so many bytes. */
export function pieces(count: number, bytes: number, writable: boolean, from = BUFFERS + 4096): Part[] {
  return numbers(count).map((i) => ({ at: from + i * (bytes + 8), bytes, writable }));
}

/** Attaches `driver` to the only function that it matches, and returns the device. */
export function attach(machine: Machine, name: string, driver: Driver<unknown>): VirtioDevice {
  machine.attach(driver);
  for (const fn of machine.functions)
    if (fn instanceof VirtioFunction && fn.device.name === name) return fn.device;
  throw new Error(`there is no ${name}`);
}

/** A deed that consists of one kick of a ring. */
export function kick(machine: Machine, device: VirtioDevice, queue: number, ring: HostileRing): Deed {
  return { machine, act: () => device.notify(queue), done: () => ring.drained };
}
