import { MisuseError } from '../core/misuse.ts';
import { type Format, formatOf } from '../media/magics.ts';
import { Budget } from './unpack/budget.ts';
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

/** "newc" of cpio(5): 6 characters of magic, then 13 numbers of 8 hexadecimal digits. */
const HEADER = 110;
const MAGIC = /^07070[12]$/;
const MODE = 14;
const FILE_SIZE = 54;
const NAME_SIZE = 94;
const TRAILER = 'TRAILER!!!';
const FILE_TYPE = 0o170000;
const REGULAR = 0o100000;
/** Linux allows no longer path. */
const LONGEST_NAME = 4096;
const MOST_ENTRIES = 1_000_000;
/** Of all names together: some are kept. */
const MOST_NAMES = 64 << 20;
const ZERO = 0;
const DIGIT_0 = 0x30;

const padded = (length: number): number => (length + 3) & ~3;

/** Reads the names in consecutive cpio archives; contents are skipped, no file is created. */
export class CpioReader {
  /** Called for each regular file, with its path in the archive. */
  private readonly file: (path: string) => void;
  private pending = Buffer.alloc(0);
  /** Bytes of contents that follow. */
  private skipping = 0;
  /** Between archives: behind a trailer, or at the beginning. */
  private between = true;
  entries = 0;
  private names = 0;

  constructor(file: (path: string) => void) {
    this.file = file;
  }

  /**
   * @returns how many bytes of `piece` were read: all, or those before bytes that begin no archive, where one may
   * begin.
   * @throws Error if an archive is damaged.
   */
  push(piece: Uint8Array): number {
    let at = Math.min(this.skipping, piece.length);
    this.skipping -= at;
    const before = this.pending.length;
    const bytes =
      before === 0 ? Buffer.from(piece.buffer, piece.byteOffset, piece.length) : this.joined(piece);
    while (at < bytes.length) {
      if (this.between && bytes[at] === ZERO) at++;
      else if (this.between && bytes[at] !== DIGIT_0) {
        this.pending = Buffer.alloc(0);
        return at - before;
      } else {
        const length = this.entry(bytes, at);
        if (length === 0) break;
        this.skipping = Math.max(0, at + length - bytes.length);
        at = Math.min(at + length, bytes.length);
      }
    }
    this.pending = Buffer.from(bytes.subarray(at));
    return piece.length;
  }

  /** These archives are over; others may follow. @throws Error inside one. */
  end(): void {
    if (!this.between || this.pending.length > 0) throw new Error(`entry ${this.entries + 1} is cut off`);
    // The last may be without padding.
    this.skipping = 0;
  }

  private joined(piece: Uint8Array): Buffer {
    return Buffer.concat([this.pending, piece]);
  }

  /** @returns the length of the entry at `at`, 0 if its name is incomplete. */
  private entry(bytes: Buffer, at: number): number {
    if (at + HEADER > bytes.length) return 0;
    const header = bytes.toString('latin1', at, at + HEADER);
    const nameSize = this.number(header, NAME_SIZE);
    if (!MAGIC.test(header.slice(0, 6)) || nameSize === 0 || nameSize > LONGEST_NAME)
      throw new Error(`entry ${this.entries + 1} has no header`);
    if (at + HEADER + nameSize > bytes.length) return 0;
    if (++this.entries > MOST_ENTRIES) throw new Error(`more than ${MOST_ENTRIES} entries`);
    this.names += nameSize;
    if (this.names > MOST_NAMES) throw new Error(`more than ${MOST_NAMES} bytes of names`);
    const name = bytes.toString('utf8', at + HEADER, at + HEADER + nameSize - 1);
    this.between = name === TRAILER;
    if ((this.number(header, MODE) & FILE_TYPE) === REGULAR && !this.between) this.file(name);
    return padded(HEADER + nameSize) + padded(this.number(header, FILE_SIZE));
  }

  private number(header: string, at: number): number {
    const digits = header.slice(at, at + 8);
    if (!/^[\da-f]{8}$/i.test(digits)) throw new Error(`entry ${this.entries + 1} has no header`);
    return Number.parseInt(digits, 16);
  }
}
