import { hex } from '../core/bits.ts';

/** A function's address on the bus: bus << 8 | device << 3 | function. */
export function bdfOf(bus: number, device: number, fn: number): number {
  return (bus << 8) | (device << 3) | fn;
}

/** `00:03.0`, as lspci writes it. */
export function bdfText(bdf: number): string {
  return `${hex(bdf >> 8, 2)}:${hex((bdf >> 3) & 31, 2)}.${bdf & 7}`;
}
