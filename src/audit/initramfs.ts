import { MisuseError } from '../core/misuse.ts';
import { type Format, formatOf } from '../media/compression.ts';
import { Budget } from './unpack/budget.ts';
import { CpioReader } from './unpack/cpio.ts';
import { unpack } from './unpack/unpack.ts';

/** The facts about an initramfs that the audit uses. */
export interface Initramfs {
  readonly file: string;
  /** The path of each module, by its modprobe name: `virtio_scsi`. */
  readonly modules: ReadonlyMap<string, string>;
  /** How its archives are compressed. */
  readonly formats: ReadonlySet<Format>;
}

/** Compressed ones, and plain ones before each. A few are usual. */
const MOST_ARCHIVES = 4096;
const MODULE = /(?:^|\/)([^/]+)\.ko(?:\.(?:gz|xz|zst))?$/;

/**
 * Reads the names of an initramfs as the kernel would unpack it: cpio archives behind each other, plain (a processor's
 * microcode) or compressed. Only names are read: no file is created, no link is followed.
 *
 * @param most bytes that compressed archives may unpack to.
 * @throws MisuseError in one line.
 */
export async function readInitramfs(file: string, bytes: Uint8Array, most?: number): Promise<Initramfs> {
  const what = `initramfs ${file}`;
  const modules = new Map<string, string>();
  const formats = new Set<Format>();
  const found = (path: string): void => {
    const module = MODULE.exec(path);
    if (module !== null) modules.set(module[1]!.replaceAll('-', '_'), path);
  };
  const budget = new Budget(most);
  const reader = new CpioReader(found);
  for (let at = 0, archives = 0; at < bytes.length; archives++) {
    if (archives > MOST_ARCHIVES)
      throw new MisuseError(what, archives, '', `holds more than ${MOST_ARCHIVES} archives`);
    at += spoken(what, reader, () => reader.push(bytes.subarray(at)));
    if (at < bytes.length) {
      const rest = bytes.subarray(at);
      const format = formatOf(rest);
      if (format === null) throw new MisuseError(what, at, '', `holds no archive at byte ${at}`);
      formats.add(format);
      at += await unpack(what, rest, (piece) => inner(what, reader, piece), budget);
    }
    spoken(what, reader, () => reader.end());
  }
  if (reader.entries === 0) throw new MisuseError(what, bytes.length, '', 'holds no archive');
  return { file, modules, formats };
}

function inner(what: string, reader: CpioReader, piece: Uint8Array): void {
  const taken = spoken(what, reader, () => reader.push(piece));
  if (taken < piece.length)
    throw new MisuseError(what, taken, '', `holds no archive behind entry ${reader.entries}`);
}

/** An error of the reader names the file. */
function spoken<T>(what: string, reader: CpioReader, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new MisuseError(what, reader.entries, '', `is a damaged archive: ${(error as Error).message}`);
  }
}
