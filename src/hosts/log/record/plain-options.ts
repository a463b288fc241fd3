import { statSync } from 'node:fs';
import * as v from 'valibot';
import type { DiskOptions } from '../../../machine/devices/disks.ts';
import type { NicOptions } from '../../../machine/devices/net.ts';
import type { NamespaceOptions } from '../../../machine/devices/nvme-options.ts';
import type { Machine } from '../../../machine/machine.ts';
import type { MachineOptions } from '../../../machine/options.ts';
import { LOGGED_OPTIONS } from '../../../machine/options.ts';
import { BLOCK } from '../../../media/medium.ts';
import { Loopback } from '../../../net/backends/index.ts';

/**
 * Options as a log has them: disks are empty, of their size; a backend, a clock and all else that a log may not hold is
 * left out.
 */
export function plainOptions(machine: Machine): object {
  const { judge, disks, nvme, ...rest } = machine.chassis.plan.asked as MachineOptions;
  return loggable({
    ...rest,
    // A guest that was not watched can be judged by the log.
    ...(typeof judge === 'object' && { judge }),
    ...(disks !== undefined && { disks: disks.map((disk, i) => emptied(disk, machine.disks[i]?.medium)) }),
    ...(nvme !== undefined && {
      nvme: nvme.map(({ namespaces, ...one }, i) => ({
        ...one,
        ...(namespaces !== undefined && {
          namespaces: namespaces.map((each, j) => emptied(each, machine.nvme[i]?.namespaces[j]?.medium)),
        }),
      })),
    }),
  });
}

/** A disk to be added. */
export function plainDisk(disk: DiskOptions): unknown {
  return loggable({ disks: [emptied(disk)] }).disks![0];
}

/** A namespace to be added. */
export function plainNamespace(one: NamespaceOptions): unknown {
  return loggable({ nvme: [{ namespaces: [emptied(one)] }] }).nvme![0]!.namespaces![0];
}

export function plainNic(nic: NicOptions): unknown {
  return loggable({ nics: [nic] }).nics![0];
}

/** What disks of both kinds are stored on. */
type Stored = Pick<DiskOptions, 'file' | 'bytes' | 'medium'>;

/** @param medium its medium; left out for a disk to be added. */
function emptied<Disk extends Stored>(disk: Disk, medium?: { readonly blocks: number }): Disk {
  const { blocks } = medium ?? disk.medium ?? { blocks: sizeOf(disk) / BLOCK };
  return { ...disk, bytes: blocks * BLOCK };
}

/** A file that is not a disk has no blocks: it will be refused. */
function sizeOf({ bytes = BLOCK, file }: Stored): number {
  if (typeof file !== 'string') return bytes;
  return statSync(file, { throwIfNoEntry: false })?.size || BLOCK;
}

function loggable(options: MachineOptions): MachineOptions {
  return pruned(LOGGED_OPTIONS, plain(options)) as MachineOptions;
}

/** The value as JSON; undefined if it has none. */
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

/**
 * The part of a value that a schema accepts: fields that it does not name, and values that it would refuse,
 * are left out.
 */
export function pruned(schema: unknown, value: unknown): unknown {
  const shape = schema as Partial<
    Record<'wrapped' | 'item', v.GenericSchema> & {
      getter: () => v.GenericSchema;
      entries: v.ObjectEntries;
    }
  >;
  if (shape.wrapped !== undefined) return pruned(shape.wrapped, value);
  if (shape.getter !== undefined) return pruned(shape.getter(), value);
  if (shape.item !== undefined && Array.isArray(value))
    return value.map((one) => pruned(shape.item, one)).filter((one) => one !== undefined);
  if (shape.entries !== undefined && typeof value === 'object' && value !== null) {
    const kept = Object.entries(shape.entries).map(([key, inner]) => {
      const own = Object.getOwnPropertyDescriptor(value, key)?.value;
      return [key, own === undefined ? undefined : pruned(inner, own)] as const;
    });
    return Object.fromEntries(kept.filter(([, one]) => one !== undefined));
  }
  return v.is(schema as v.GenericSchema, value) ? value : undefined;
}
