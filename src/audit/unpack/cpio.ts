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
