import { type Stats, statSync } from 'node:fs';
import { wrongFile } from './file-errors.ts';

/** Options that name a command's output files. */
const WRITTEN = ['log', 'trace', 'out', 'pcap', 'writeBaseline'];

/**
 * Refuses to write to a file that another option or an operand names: it may be a disk, or a driver's source.
 *
 * @throws MisuseError with the file's name.
 */
export function checkNamedOnce(
  options: Readonly<Record<string, unknown>>,
  operands: readonly string[],
): void {
  const named = Object.entries({ ...options, '': operands }).flatMap(([name, value]) =>
    [value].flat().flatMap((path) => {
      const file = typeof path === 'string' ? fileAt(path) : null;
      return file === null ? [] : [{ name, path: String(path), file }];
    }),
  );
  for (const { name, path, file } of named.filter((one) => WRITTEN.includes(one.name))) {
    // A baseline is read before it is written.
    const others = named.filter(
      (one) => one.name !== name && !(name === 'writeBaseline' && one.name === 'baseline'),
    );
    if (others.some((one) => one.file.dev === file.dev && one.file.ino === file.ino))
      throw wrongFile(name, path, 'is named twice, and would be written over');
  }
}

/** Null if it is not a regular file. */
function fileAt(path: string): Stats | null {
  try {
    const stat = statSync(path);
    return stat.isFile() ? stat : null;
  } catch {
    return null;
  }
}
