/** An opcode and its operand. */
const CALL = 5;
/**
 * Which of the last three bytes were opcodes, one bit each; selects whether the operand behind may still be an
 * address.
 */
const MAY_CONVERT = [true, true, true, false, true, false, false, false];
/** The byte of the operand that the nearest of those opcodes had converted. */
const CONVERTED = [0, 1, 2, 2, 3, 3, 3, 3];

const isSign = (byte: number): boolean => byte === 0x00 || byte === 0xff;

/**
 * The x86 filter of xz, backwards: the operands of CALL and JMP were made absolute before packing, and become
 * relative again. (xz file format 5.3.2; the state is that of the LZMA SDK's filter, which the format refers to.)
 */
export class X86Filter {
  private readonly sink: (piece: Uint8Array) => void;
  private rest: Uint8Array = new Uint8Array(0);
  /** The position of `rest` in the block. */
  private position = 0;
  private mask = 0;
  /** The last opcode, counted from the beginning of `rest`. */
  private last = -1;

  constructor(sink: (piece: Uint8Array) => void) {
    this.sink = sink;
  }

  push(piece: Uint8Array): void {
    const bytes = Buffer.concat([this.rest, piece]);
    const done = bytes.length < CALL ? 0 : this.convert(bytes);
    this.sink(bytes.subarray(0, done));
    this.rest = bytes.subarray(done);
    this.position += done;
    this.last -= done;
  }

  /** The last bytes are not a whole call. */
  end(): void {
    this.sink(this.rest);
    this.rest = new Uint8Array(0);
  }

  /** @returns how many bytes are final. */
  private convert(bytes: Buffer): number {
    let at = 0;
    for (; at + CALL <= bytes.length; at++) {
      if ((bytes[at]! & 0xfe) !== 0xe8) continue;
      const near = at - this.last;
      this.mask = near > 3 ? 0 : (this.mask << (near - 1)) & 7;
      this.last = at;
      const inside = this.mask > 0 && this.isOperandOf(bytes, at);
      if (inside || !isSign(bytes[at + 4]!)) this.mask = (this.mask << 1) | 1;
      else {
        bytes.writeUInt32LE(this.relative(bytes.readUInt32LE(at + 1), at), at + 1);
        at += 4;
      }
    }
    return at;
  }

  private isOperandOf(bytes: Buffer, at: number): boolean {
    return !MAY_CONVERT[this.mask] || isSign(bytes[at + 4 - CONVERTED[this.mask]!]!);
  }

  private relative(absolute: number, at: number): number {
    const next = this.position + at + CALL;
    const shift = CONVERTED[this.mask]! * 8;
    let address = absolute;
    let offset = (address - next) >>> 0;
    while (this.mask > 0 && isSign((offset >>> (24 - shift)) & 0xff)) {
      address = (offset ^ (2 ** (32 - shift) - 1)) >>> 0;
      offset = (address - next) >>> 0;
    }
    const low = offset & 0x01ff_ffff;
    // The sign, in bit 24, fills the highest byte.
    return (low & 0x0100_0000 ? low | 0xff00_0000 : low) >>> 0;
  }
}
