import type { DiskOptions } from '../../../machine/devices/disks.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import { BLOCK } from '../../../media/medium.ts';
import { Loopback } from '../../../net/backends/index.ts';

/** Options as a file can have them: media become empty disks of their size, backends and whatever else is no data go. */
export function plainOptions(machine: Machine): object {
  const asked = machine.chassis.plan.asked as MachineOptions;
  const { judge, disks, clock: _clock, ...rest } = asked;
  return {
    ...(plain(rest) as object),
    // Who was not watched can be judged by the log.
    ...(typeof judge === 'object' && { judge }),
    ...(disks !== undefined && { disks: disks.map((disk, i) => plainDisk(disk, machine.disks[i]?.medium)) }),
  };
}

/** @param medium what is behind it; left out, one that was to be made. */
export function plainDisk(disk: DiskOptions, medium?: { readonly blocks: number }): object {
  const { file: _file, medium: own, bytes, ...rest } = disk;
  const { blocks } = medium ?? own ?? { blocks: (bytes ?? BLOCK) / BLOCK };
  return { ...rest, bytes: blocks * BLOCK };
}

/** What JSON has of it; undefined is nothing. */
export function plain(value: unknown): unknown {
  if (value instanceof Loopback) return 'loopback';
  if (Array.isArray(value)) return value.map((one) => plain(one) ?? null);
  if (value === null || typeof value !== 'object')
    return typeof value === 'function' || typeof value === 'bigint' ? undefined : value;
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!isPlain) return undefined;
  const kept = Object.entries(value).map(([key, one]) => [key, plain(one)] as const);
  return Object.fromEntries(kept.filter(([, one]) => one !== undefined));
}
