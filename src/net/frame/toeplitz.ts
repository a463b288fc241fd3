/** Maximum bytes of input: two IPv6 addresses, two ports. */
const MOST = 36;
const BYTE = 256;

/**
 * The Toeplitz hash of receive-side scaling: for every set bit of the input, the 32 bits of the key that begin there.
 * The contribution of a byte at its place is looked up in a table, made once for the key. A key that is too short is
 * continued with zeros.
 *
 * @example
 * const toeplitz = new Toeplitz(key);
 * let hash = toeplitz.add(0, frame, 26, 8, 0);    // eight bytes of the frame from 26 on, as the first of the input
 * hash = toeplitz.add(hash, frame, 34, 4, 8);     // and four more after them
 * hash >>> 0;
 */
export class Toeplitz {
  private readonly table = new Int32Array(MOST * BYTE);

  constructor(key: Uint8Array) {
    for (let place = 0; place < MOST; place++)
      for (let bit = 0; bit < 8; bit++) this.fill(place, 0x80 >> bit, window(key, place * 8 + bit));
  }

  /** The hash of an input that continues with `count` bytes of `bytes`, which are its bytes from `place` on. */
  add(hash: number, bytes: Uint8Array, from: number, count: number, place: number): number {
    const { table } = this;
    let sum = hash;
    for (let i = 0; i < count; i++) sum ^= table[(place + i) * BYTE + bytes[from + i]!]!;
    return sum;
  }

  private fill(place: number, bit: number, value: number): void {
    for (let byte = 0; byte < BYTE; byte++) if ((byte & bit) !== 0) this.table[place * BYTE + byte]! ^= value;
  }
}

/** 32 bits of the key, from the bit `at` on. */
function window(key: Uint8Array, at: number): number {
  const first = at >> 3;
  const shift = at & 7;
  let word = 0;
  for (let i = 0; i < 4; i++) word = (word << 8) | (key[first + i] ?? 0);
  return shift === 0 ? word : (word << shift) | ((key[first + 4] ?? 0) >> (8 - shift));
}
