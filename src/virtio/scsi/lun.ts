/** A target and a LUN as the eight bytes of a request name them (virtio 1.4, SCSI Host Device / Device Operation). */
export interface Address {
  target: number;
  lun: number;
}

/**
 * Reads the LUN field: 01, target, then a single-level LUN in flat form (40 to 7f) or in peripheral form (00).
 * False if it is neither; `into` is untouched then.
 */
export function parseLun(bytes: Uint8Array, at: number, into: Address): boolean {
  const method = bytes[at + 2]!;
  if (bytes[at] !== 1 || (method !== 0 && (method & 0xc0) !== 0x40)) return false;
  into.target = bytes[at + 1]!;
  into.lun = ((method & 0x3f) << 8) | bytes[at + 3]!;
  return true;
}

/** The LUN field of an event: peripheral form below 256, because drivers take bytes 2 and 3 as a plain number. */
export function eventLun(target: number, lun: number): Uint8Array {
  return Uint8Array.of(1, target, lun < 256 ? 0 : 0x40 | (lun >> 8), lun & 0xff, 0, 0, 0, 0);
}
