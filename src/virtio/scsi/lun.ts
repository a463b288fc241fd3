import { REPORT_LUNS_LUN, WELL_KNOWN } from './registers.ts';

/** Encodes target and LUN into the eight bytes of a request (virtio 1.4, SCSI Host Device / Device Operation). */
export interface Address {
  target: number;
  lun: number;
}

/** Extended addressing of SAM-5 with one byte: a well-known logical unit. */
const EXTENDED = 0xc1;

/**
 * Reads the LUN field: 01, target, then a single-level LUN in flat form (40 to 7f), in peripheral form (00) or that of a
 * well-known unit (c1), which none of our targets has; or c1 01 and six zeros. False if it is none of them; `into` is
 * unchanged then.
 */
export function parseLun(bytes: Uint8Array, at: number, into: Address): boolean {
  if (isReportLuns(bytes, at)) {
    into.target = WELL_KNOWN;
    into.lun = 0;
    return true;
  }
  const method = bytes[at + 2]!;
  if (bytes[at] !== 1 || (method !== 0 && method !== EXTENDED && (method & 0xc0) !== 0x40)) return false;
  into.target = bytes[at + 1]!;
  into.lun = ((method === EXTENDED ? method : method & 0x3f) << 8) | bytes[at + 3]!;
  return true;
}

/** The same in one number, the target in its upper half; -1 where it is not that of a disk, with zeros behind. */
export function plainAddressAt(view: DataView, at: number): number {
  const lun = view.getInt32(at, true);
  const method = (lun >>> 16) & 0xff;
  const flat = (method & 0xc0) === 0x40;
  if ((lun & 0xff) !== 1 || (method !== 0 && !flat) || view.getInt32(at + 4, true) !== 0) return -1;
  return ((lun & 0xff00) << 8) | ((method & 0x3f) << 8) | (lun >>> 24);
}

/** The LUN field of an event: peripheral form below 256, because drivers take bytes 2 and 3 as a plain number. */
export function eventLun(target: number, lun: number): Uint8Array {
  return Uint8Array.of(1, target, lun < 256 ? 0 : 0x40 | (lun >> 8), lun & 0xff, 0, 0, 0, 0);
}

function isReportLuns(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== EXTENDED) return false;
  for (let i = 0; i < REPORT_LUNS_LUN.length; i++) if (bytes[at + i] !== REPORT_LUNS_LUN[i]) return false;
  return true;
}
