import { HALT } from '../hosts/boot/kernel-rig.ts';

/** 16-bit: `mov dx, port; mov al, value; out dx, al`. */
export const byteTo = (port: number, value: number) => [0xba, port & 0xff, port >> 8, 0xb0, value, 0xee];
/** The same with EAX. */
const doublewordTo = (port: number, value: number) => [
  ...[0xba, port & 0xff, port >> 8, 0x66, 0xb8],
  ...[value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, value >>> 24, 0x66, 0xef],
];

/** PMBA b000, PMIOSE, I/O decoding on; PMCNTRL: off. */
export const OFF = [
  ...[...doublewordTo(0xcf8, 0x8000_0b40), ...doublewordTo(0xcfc, 0xb001)],
  ...[...doublewordTo(0xcf8, 0x8000_0b80), ...byteTo(0xcfc, 1)],
  ...[...doublewordTo(0xcf8, 0x8000_0b04), ...byteTo(0xcfc, 1), ...doublewordTo(0xb004, 0x2000)],
  ...HALT,
];
/** Puts code where a BIOS puts a boot sector, and jumps there. */
export const starting = (code: readonly number[]) => [
  ...code.flatMap((byte, i) => [0xc6, 0x06, i & 0xff, 0x7c + (i >> 8), byte]),
  ...[0xea, 0x00, 0x7c, 0x00, 0x00],
];

/** A BIOS of 64 KiB that jumps from its reset vector to its first byte; it has a service at F000:1000. */
export function biosOf(code: readonly number[], service: readonly number[] = []): Uint8Array {
  const image = new Uint8Array(0x1_0000);
  image.set(code);
  image.set(service, 0x1000);
  image.set([0xe9, 0x0d, 0x00], 0xfff0);
  return image;
}
