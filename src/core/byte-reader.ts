import type { Endian } from './struct.ts';

/**
 * Reads numbers from bytes that a guest wrote, however few: bytes past the end read as 0.
 *
 * @example
 * const data = new ByteReader('le', bytes, 2);
 * data.u16(0);           // the two bytes from the third on
 * data.length;           // how many bytes there are from the third on
 */
export class ByteReader {
  /** Bytes that the guest wrote, including those that were too many to be kept. */
  readonly length: number;
  readonly little: boolean;
  private readonly view: DataView;

  /** @param from where they begin in `bytes`; `length` if more were written than `bytes` holds. */
  constructor(endian: Endian, bytes: Uint8Array, from = 0, length = bytes.length - from) {
    this.little = endian === 'le';
    this.length = Math.max(0, length);
    const kept = Math.min(this.length, Math.max(0, bytes.length - from));
    this.view = new DataView(bytes.buffer, bytes.byteOffset + Math.min(from, bytes.length), kept);
  }

  /** Whether all of them are kept. */
  get whole(): boolean {
    return this.view.byteLength === this.length;
  }

  u8(at: number): number {
    return this.has(at, 1) ? this.view.getUint8(at) : 0;
  }

  u16(at: number): number {
    return this.has(at, 2) ? this.view.getUint16(at, this.little) : 0;
  }

  u32(at: number): number {
    return this.has(at, 4) ? this.view.getUint32(at, this.little) : 0;
  }

  /** The lower 32 bits of eight bytes. */
  low(at: number): number {
    return this.u32(this.little ? at : at + 4);
  }

  /** The upper 32 bits of eight bytes. */
  high(at: number): number {
    return this.u32(this.little ? at + 4 : at);
  }

  bytes(at: number, count: number): Uint8Array {
    const copy = new Uint8Array(count);
    for (let i = 0; i < count; i++) copy[i] = this.u8(at + i);
    return copy;
  }

  /** The same bytes, read in the other order. */
  get swapped(): ByteReader {
    const { buffer, byteOffset, byteLength } = this.view;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    return new ByteReader(this.little ? 'be' : 'le', bytes, 0, this.length);
  }

  private has(at: number, count: number): boolean {
    return at >= 0 && at + count <= this.view.byteLength;
  }
}
