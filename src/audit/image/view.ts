import type { Medium } from '../../media/medium.ts';
import { BLOCK } from '../../media/medium.ts';

/** What an image says of itself cannot be: a structure is damaged, or of a kind that is not read. */
export class Unreadable extends Error {}

const MIB = 1 << 20;
/** The most that one read may ask for. */
const MOST = 512 * MIB;
/** Bytes that all reads of one image may come to: an image is read to be judged, not copied. */
const MOST_OF_ALL = 4096 * MIB;

/** What is left to read of an image: its file systems share it, so that no damaged structure is followed for ever. */
interface Allowance {
  left: number;
}

/** A range of a disk, read only: the whole, or a partition. */
export class View {
  readonly size: number;
  private readonly medium: Medium;
  private readonly begin: number;
  private readonly allowance: Allowance;

  constructor(
    medium: Medium,
    begin = 0,
    size = medium.blocks * BLOCK,
    allowance: Allowance = { left: MOST_OF_ALL },
  ) {
    this.medium = medium;
    this.begin = begin;
    this.size = size;
    this.allowance = allowance;
  }

  /** A part of it. @throws Unreadable if it reaches beyond the end. */
  part(offset: number, size: number): View {
    if (!this.holds(offset, size))
      throw new Unreadable(`bytes ${offset} to ${offset + size} lie behind its end`);
    return new View(this.medium, this.begin + offset, size, this.allowance);
  }

  /** @throws Unreadable for a range that is not there, or if too much was read by then. */
  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(this.checked(offset, length));
    this.into(bytes, 0, offset, length);
    return bytes;
  }

  /** The same into a buffer that there is. */
  into(bytes: Buffer, at: number, offset: number, length: number): void {
    this.checked(offset, length);
    this.allowance.left -= length;
    if (this.allowance.left < 0) throw new Unreadable(`more than ${MOST_OF_ALL / MIB} MiB had to be read`);
    if (!this.medium.read(this.begin + offset, bytes, at, length))
      throw new Unreadable(`byte ${offset} cannot be read`);
  }

  private checked(offset: number, length: number): number {
    if (!this.holds(offset, length) || length > MOST)
      throw new Unreadable(`bytes ${offset} to ${offset + length} lie behind its end`);
    return length;
  }

  private holds(offset: number, length: number): boolean {
    return (
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(length) &&
      offset >= 0 &&
      length >= 0 &&
      offset + length <= this.size
    );
  }
}
