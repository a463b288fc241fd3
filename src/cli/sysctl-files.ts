import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SYSCTL_DIRECTORIES, type SysctlFile } from '../audit/index.ts';
import { readInput } from './files.ts';

const LAST = 'etc/sysctl.conf';

/**
 * The settings of one `--sysctl`: a file, a directory of `*.conf`, or the root of an image with all that `sysctl
 * --system` reads there.
 */
export function sysctlFiles(path: string): SysctlFile[] {
  if (!isDirectory(path)) return [fileAt(path)];
  const inner = SYSCTL_DIRECTORIES.map((name) => join(path, name)).filter(isDirectory);
  const last = existsSync(join(path, LAST)) ? [fileAt(join(path, LAST))] : [];
  return inner.length + last.length > 0 ? [...inner.flatMap(directoryAt), ...last] : directoryAt(path);
}

function directoryAt(directory: string): SysctlFile[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.conf'))
    .map((name) => ({ ...fileAt(join(directory, name)), directory }));
}

function fileAt(path: string): SysctlFile {
  return { path, text: readInput('sysctl', path).toString('utf8') };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
