/** A function's address on the bus: bus << 8 | device << 3 | function. */
export function bdfOf(bus: number, device: number, fn: number): number {
  return (bus << 8) | (device << 3) | fn;
}
