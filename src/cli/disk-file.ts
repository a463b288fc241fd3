import type { DiskOptions } from '../machine/devices/disks.ts';
import type { MachineOptions } from '../machine/options.ts';
import { checkRaw } from '../media/file-kind.ts';

/** Disks of the command line, or else of the options. @throws MisuseError for an image that is not raw. */
export function rawDisks(
  files: readonly string[] | undefined,
  options: MachineOptions,
): DiskOptions[] | undefined {
  const disks = files?.map((file): DiskOptions => ({ file })) ?? options.disks;
  for (const { file } of disks ?? []) if (file !== undefined) checkRaw(file);
  return disks;
}
