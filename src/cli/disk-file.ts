import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { DiskOptions } from '../machine/devices/disks.ts';
import type { MachineOptions } from '../machine/options.ts';
import { withFile, wrongFile } from '../media/file-errors.ts';
import { type DiskKind, diskKindOf, HEAD, TAIL } from '../media/file-kind.ts';

/** Disks of the command line, or else of the options. @throws MisuseError for an image that is not raw. */
export function rawDisks(
  files: readonly string[] | undefined,
  options: MachineOptions,
): DiskOptions[] | undefined {
  const disks = files?.map((file): DiskOptions => ({ file })) ?? options.disks;
  for (const { file } of disks ?? []) if (file !== undefined) checkRaw(file);
  return disks;
}

/**
 * Refuses a disk image that is not raw.
 *
 * @throws MisuseError in one line with the command that converts it. Other errors are left to the code that opens the
 * file.
 */
function checkRaw(path: string): void {
  const kind = kindOf(path);
  if (kind === null) return;
  throw wrongFile('disk', path, `is ${kind.name}, and not raw. Do: ${withFile(kind.command, path)}`);
}

function kindOf(path: string): DiskKind | null {
  let fd: number;
  try {
    if (statSync(path).isFile() === false) return null;
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const { size } = statSync(path);
    return diskKindOf(part(fd, 0, HEAD), part(fd, Math.max(0, size - TAIL), TAIL));
  } finally {
    closeSync(fd);
  }
}

/** Fewer bytes at the end of the file, or if it cannot be read. */
function part(fd: number, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  try {
    return bytes.subarray(0, readSync(fd, bytes, 0, length, at));
  } catch {
    return bytes.subarray(0, 0);
  }
}
