import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { SYSCTL_DIRECTORIES, type SysctlFile } from '../audit/index.ts';
import { reaching, wrongFile } from './file-errors.ts';
import { readInput } from './input.ts';
import { MIB, MOST, MOST_SETTINGS_FILES } from './input-limits.ts';

const LAST = 'etc/sysctl.conf';
/** In a directory of settings, a link to it replaces a file of the same name. */
const NOTHING = '/dev/null';

/**
 * The settings of one `--sysctl`: a file, a directory of `*.conf`, or the root of an image with all that `sysctl
 * --system` reads there.
 *
 * @throws MisuseError in one line for files that cannot be read, and for an unreasonable number of settings.
 */
export function sysctlFiles(path: string): SysctlFile[] {
  if (statOf(path)?.isDirectory() !== true) return [fileAt(path)];
  const inner = SYSCTL_DIRECTORIES.map((name) => join(path, name)).filter(
    (name) => statOf(name)?.isDirectory() === true,
  );
  const last = [join(path, LAST)].filter((name) => statOf(name) !== undefined);
  const directories = inner.length + last.length > 0 ? inner : [path];
  return bounded(path, [...directories.flatMap(confOf), ...last.map((file) => ({ path: file }))]);
}

type Place = Pick<SysctlFile, 'path' | 'directory'>;

/** Reads the files, as long as there is room. */
function bounded(root: string, places: readonly Place[]): SysctlFile[] {
  if (places.length > MOST_SETTINGS_FILES)
    throw wrongFile('sysctl', root, `holds more than ${MOST_SETTINGS_FILES} files`);
  let left = MOST.sysctl;
  return places.map((place) => {
    const file = { ...place, ...fileAt(place.path) };
    left -= file.text.length;
    if (left < 0) throw wrongFile('sysctl', root, `holds more than ${MOST.sysctl / MIB} MiB of settings`);
    return file;
  });
}

function confOf(directory: string): Place[] {
  return reaching('sysctl', directory, () => readdirSync(directory))
    .filter((name) => name.endsWith('.conf'))
    .map((name) => ({ path: join(directory, name), directory }));
}

function fileAt(path: string): SysctlFile {
  return { path, text: isNothing(path) ? '' : readInput('sysctl', path).toString('utf8') };
}

function isNothing(path: string): boolean {
  const stat = statOf(path);
  return stat?.isCharacterDevice() === true && stat.rdev === statOf(NOTHING)?.rdev;
}

/** Undefined if there is none. */
function statOf(path: string): Stats | undefined {
  return reaching('sysctl', path, () => statSync(path, { throwIfNoEntry: false }));
}
