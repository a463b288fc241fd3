/** Number of bits of an access, a byte count. */
export type Width = 1 | 2 | 4;
/** A guest physical address. A double is exact below 2^53, and no guest has more. */
export type Gpa = number;
/** Virtual time in nanoseconds. */
export type Nanos = number;

/** The source of virtual time. Read at every access and chain, so it is a property, not a function. */
export interface Time {
  readonly now: Nanos;
}

/** All ones in `width` bytes, what a bus reads where no device answers: 0xff, 0xffff or 0xffffffff. */
export function allOnes(width: Width): number {
  return width === 1 ? 0xff : width === 2 ? 0xffff : 0xffff_ffff;
}

/** A 16-bit number with its bytes in the other order. */
export function swap16(value: number): number {
  return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
}

/** A 32-bit number with its bytes in the other order, signed. */
export function swap32(value: number): number {
  return (swap16(value) << 16) | swap16(value >>> 16);
}

/** `1 byte`, `12 bytes` */
export function bytesText(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}

/** `value` as `digits` hexadecimal digits, lower case, without a prefix. */
export function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** Six bytes as `42:01:0a:80:00:02`. */
export function macText(mac: Uint8Array): string {
  return Array.from(mac, (byte) => hex(byte, 2)).join(':');
}

/** A PCI function's address, bus << 8 | device << 3 | function, as lspci writes it: `00:03.0`. */
export function bdfText(bdf: number): string {
  return `${hex(bdf >> 8, 2)}:${hex((bdf >> 3) & 31, 2)}.${bdf & 7}`;
}
