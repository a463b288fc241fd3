// A lookup by name for each copy would cost as much as copying a hundred bytes.
const { set } = Uint8Array.prototype;

/** As `into.set(from, at)`. */
export function setBytes(into: Uint8Array, from: Uint8Array, at: number): void {
  set.call(into, from, at);
}
