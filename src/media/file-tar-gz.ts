import { createReadStream, statSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { checkObject } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';
import { refusalOf, withFile, wrongFile } from './file-errors.ts';
import { EXPORTED } from './file-kind.ts';
import { isKind, TAR } from './magics.ts';
import { DISK_SIZE, isDiskSize, MemoryMedium } from './memory.ts';

/** Blocks of a tar, and fields of a header: place and length (POSIX ustar; GNU tar's old form of sparse files). */
const BLOCK = 512;
const [NAME, SIZE] = [
  [0, 100],
  [124, 12],
] as const;
const TYPE = 156;
const SPARSE = { map: 386, entries: 4, more: 482, size: [483, 12] } as const;
const SPARSE_MORE = { entries: 21, more: 504 };
const NUMBER = 12;
const BASE_256 = 0x80;
const [MAGIC_END, BLANK] = [262, 0x20];
const PLAIN_TYPES = ['0', '\0', '7'];
/** The longest list of records that is read. */
const RECORDS_MOST = 1 << 20;
/** Of a sparse file: more than a disk has that was written in use. */
const PIECES_MOST = 1 << 20;
const RECORD = /^\d+ ([^=]+)=([^\n]*)\n/;
/** Zeros are left out of the disk's memory by so many bytes. */
const PIECE = 0x1_0000;
const ZEROS = Buffer.alloc(PIECE);
const UNPACK = 'tar -xzf FILE disk.raw';

/** What hears of the reading of an archive. */
interface TarGzOptions {
  /** Called as the file is read: with the bytes of it that were, and all of them. Default: none. */
  readonly onProgress?: (read: number, all: number) => void;
  /** Called for each file of the archive, which is then read to its end. Default: it is read until the disk is. */
  readonly onMember?: (member: TarMember) => void;
  /** How much of the disk may be in memory, in bytes. Default: all of it. */
  readonly most?: number;
}

/** A file of an archive. */
export interface TarMember {
  readonly name: string;
  /** `GNU` for GNU tar's own form, else `POSIX`. */
  readonly form: 'GNU' | 'POSIX';
}

/**
 * Reads the `disk.raw` of a tar.gz, as Compute Engine exports and imports images, into memory: as much as there is in it beside
 * zeros. The archive is not written to, whatever the guest writes.
 *
 * @example
 * const medium = await openTarGz('image.tar.gz');
 * const machine = gceN1({ disks: [{ medium }] });
 *
 * @throws MisuseError if there is no such file, no `disk.raw` in it, or a disk that is cut or of an odd size.
 */
export async function openTarGz(path: string, options: TarGzOptions = {}): Promise<MemoryMedium> {
  if (typeof path !== 'string') throw new MisuseError('disk.path', path, 'a path');
  checkObject('disk.options', options);
  const { onProgress } = options;
  if (onProgress !== undefined && typeof onProgress !== 'function')
    throw new MisuseError('disk.options.onProgress', onProgress, 'a function');
  const file = createReadStream(path);
  const unpacked = createGunzip({ chunkSize: PIECE });
  /** What the callback threw. */
  let thrown: unknown;
  file.on('error', (error) => unpacked.destroy(error)).pipe(unpacked);
  if (onProgress !== undefined) {
    const all = bytesOf(path);
    file.on('data', () => {
      try {
        onProgress(file.bytesRead, all);
      } catch (error) {
        thrown = error;
        unpacked.destroy(new Error('a callback threw'));
      }
    });
  }
  try {
    return await new Archive(path, options, unpacked[Symbol.asyncIterator]()).disk();
  } catch (error) {
    if (thrown !== undefined) throw thrown;
    if (error instanceof MisuseError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const isBroken = code?.startsWith('Z_') === true;
    throw wrongFile('disk', path, isBroken ? 'is no gzip file, or is cut' : refusalOf(error));
  } finally {
    file.destroy();
    unpacked.destroy();
  }
}

/** 0 of what cannot be looked at: reading it says why. */
function bytesOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}

class Archive {
  private readonly path: string;
  private readonly options: TarGzOptions;
  private readonly source: AsyncIterator<Buffer>;
  private left: Buffer = Buffer.alloc(0);
  /** Bytes of the disk in memory, and of the archive behind the last header. */
  private kept = 0;
  private read = 0;

  constructor(path: string, options: TarGzOptions, source: AsyncIterator<Buffer>) {
    this.path = path;
    this.options = options;
    this.source = source;
  }

  async disk(): Promise<MemoryMedium> {
    const disk = await this.next();
    if (disk === null) throw this.wrong('has no disk.raw in it');
    if (this.options.onMember === undefined) return disk;
    while ((await this.next()) !== null);
    // The sum at the end of the gzip is checked there.
    while ((await this.source.next()).done !== true);
    return disk;
  }

  /** The next disk.raw; null behind the last file. */
  private async next(): Promise<MemoryMedium | null> {
    await this.skip(padded(this.read) - this.read);
    for (let records = new Map<string, string>(); ; ) {
      const header = await this.exactly(BLOCK);
      this.read = 0;
      if (!isKind(TAR, header)) return null;
      const type = String.fromCharCode(header[TYPE]!);
      const size = Number(records.get('size') ?? numberAt(header, SIZE[0]));
      if (type === 'x') {
        records = recordsOf(await this.exactly(Math.min(padded(size), RECORDS_MOST)));
        continue;
      }
      const name = header.toString('latin1', NAME[0], NAME[1]).replace(/\0.*$/s, '');
      if (type !== 'g') this.told(records.get('GNU.sparse.name') ?? records.get('path') ?? name, header);
      if ([...records.keys()].some((key) => key.startsWith('GNU.sparse')))
        throw this.wrong(`has a sparse file in a form that is not read. Do: ${withFile(UNPACK, this.path)}`);
      if (EXPORTED.test(name) && PLAIN_TYPES.includes(type)) return this.plain(size);
      if (EXPORTED.test(name) && type === 'S') return this.sparse(header);
      await this.skip(padded(size));
      records = new Map();
      this.read = 0;
    }
  }

  private told(name: string, header: Buffer): void {
    this.options.onMember?.({ name, form: formOf(header) });
  }

  private async plain(size: number): Promise<MemoryMedium> {
    const medium = this.mediumOf(size);
    await this.fill(medium, 0, size);
    return medium;
  }

  private async sparse(header: Buffer): Promise<MemoryMedium> {
    const medium = this.mediumOf(numberAt(header, SPARSE.size[0]));
    const pieces = entriesOf(header, SPARSE.map, SPARSE.entries);
    for (let more = header[SPARSE.more] !== 0; more; ) {
      const block = await this.exactly(BLOCK);
      pieces.push(...entriesOf(block, 0, SPARSE_MORE.entries));
      if (pieces.length > PIECES_MOST) throw this.wrong('has a sparse file of too many pieces');
      more = block[SPARSE_MORE.more] !== 0;
    }
    for (const [offset, length] of pieces) await this.fill(medium, offset, length);
    return medium;
  }

  private mediumOf(size: number): MemoryMedium {
    if (!isDiskSize(size)) throw this.wrong(`its disk.raw has ${size} bytes, and not ${DISK_SIZE}`);
    return new MemoryMedium(size);
  }

  private async fill(medium: MemoryMedium, offset: number, length: number): Promise<void> {
    for (const end = offset + length; offset < end; ) {
      const piece = await this.some(Math.min(PIECE - (offset % PIECE), end - offset));
      const isZero = piece.compare(ZEROS, 0, piece.length) === 0;
      if (!isZero) this.kept += piece.length;
      if (this.kept > (this.options.most ?? Number.POSITIVE_INFINITY))
        throw this.wrong(`has too much in it for memory. Do: ${withFile(UNPACK, this.path)}`);
      if (!isZero && !medium.write(offset, piece, 0, piece.length))
        throw this.wrong('its disk.raw has data behind its end');
      offset += piece.length;
    }
  }

  private async exactly(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let left = length; left > 0; left -= parts.at(-1)!.length) parts.push(await this.some(left));
    return Buffer.concat(parts);
  }

  private async skip(length: number): Promise<void> {
    while (length > 0) length -= (await this.some(length)).length;
  }

  /** The next bytes, at most so many, and one at least. */
  private async some(most: number): Promise<Buffer> {
    while (this.left.length === 0) {
      const { done, value } = await this.source.next();
      if (done === true) throw this.wrong('ends in the middle');
      this.left = value;
    }
    const taken = this.left.subarray(0, most);
    this.left = this.left.subarray(taken.length);
    this.read += taken.length;
    return taken;
  }

  private wrong(plain: string): MisuseError {
    return wrongFile('disk', this.path, plain);
  }
}

/** GNU tar ends the magic by blanks, POSIX by a zero. */
function formOf(header: Buffer): TarMember['form'] {
  return header[MAGIC_END] === BLANK ? 'GNU' : 'POSIX';
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/** Octal digits, or a number of base 256 if the first bit is set. */
function numberAt(block: Buffer, at: number): number {
  const field = block.subarray(at, at + NUMBER);
  if ((field[0]! & BASE_256) === 0) return Number.parseInt(field.toString('latin1'), 8) || 0;
  return field.subarray(1).reduce((value, byte) => value * 0x100 + byte, 0);
}

/** Where data are, and how many bytes; an entry of 0 bytes says how long the file is. */
function entriesOf(block: Buffer, at: number, count: number): [offset: number, length: number][] {
  return Array.from({ length: count }, (_, i): [number, number] => {
    const entry = at + 2 * NUMBER * i;
    return [numberAt(block, entry), numberAt(block, entry + NUMBER)];
  }).filter(([, length]) => length > 0);
}

/** Records of a pax header. */
function recordsOf(bytes: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let text = bytes.toString('latin1'); ; ) {
    const [all, key, value] = RECORD.exec(text) ?? [];
    if (all === undefined) return records;
    records.set(key!, value!);
    text = text.slice(all.length);
  }
}
