/** Whether `count` bytes of two arrays are the same, from a place in each. */
export function equal(a: Uint8Array, atA: number, b: Uint8Array, atB: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}

/** Whether two arrays have the same from `from` to before `to`. */
export function same(a: Uint8Array, b: Uint8Array, from: number, to: number): boolean {
  return equal(a, from, b, from, to - from);
}
