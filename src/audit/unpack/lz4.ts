const MIN_MATCH = 4;
/** A length of 15 goes on in bytes, up to the first below 255. */
const LONGER = 15;
const MORE = 255;

/** A block of LZ4: sequences of a token, literals, and a match in what was written (lz4_Block_format.md, 1.6.4). */
class Block {
  private readonly from: Uint8Array;
  private readonly to: Uint8Array;
  private at = 0;
  private size = 0;

  constructor(from: Uint8Array, to: Uint8Array) {
    this.from = from;
    this.to = to;
  }

  unpack(): number {
    while (this.at < this.from.length) {
      const token = this.byte();
      this.literals(this.length(token >> 4));
      // The last sequence has no match.
      if (this.at < this.from.length) this.match(token & 15);
    }
    return this.size;
  }

  private byte(): number {
    if (this.at >= this.from.length) throw new Error('a block is cut off');
    return this.from[this.at++]!;
  }

  private length(short: number): number {
    let length = short;
    for (let more = short === LONGER ? MORE : 0; more === MORE; length += more) more = this.byte();
    return length;
  }

  private literals(length: number): void {
    if (this.at + length > this.from.length) throw new Error('a block is cut off');
    this.check(length);
    this.to.set(this.from.subarray(this.at, this.at + length), this.size);
    this.at += length;
    this.size += length;
  }

  private match(short: number): void {
    const offset = this.byte() | (this.byte() << 8);
    const length = this.length(short) + MIN_MATCH;
    if (offset === 0 || offset > this.size)
      throw new Error(`a match ${offset} bytes before byte ${this.size}`);
    this.check(length);
    // Byte by byte: a match may reach into itself.
    for (const end = this.size + length; this.size < end; this.size++)
      this.to[this.size] = this.to[this.size - offset]!;
  }

  private check(length: number): void {
    if (this.size + length > this.to.length)
      throw new Error(`a block unpacks to more than ${this.to.length} bytes`);
  }
}

/** Unpacks a block to the beginning of `to`. @returns its size. @throws Error if it is damaged, or larger than `to`. */
export function unpackBlock(from: Uint8Array, to: Uint8Array): number {
  return new Block(from, to).unpack();
}
