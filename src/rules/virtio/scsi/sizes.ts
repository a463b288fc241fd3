import { swap32 } from '../../../core/bits.ts';
import type { RequestSizes } from '../../../virtio/scsi/events.ts';

/** More than any CDB or sense data has, and less than a small number with its bytes swapped. */
const MOST = 0xffff;

/** A 32-bit number with its bytes in the other order. */
export function swapped(value: number): number {
  return swap32(value) >>> 0;
}

/** A size that makes sense in the other byte order only. */
export function isSwappedSize(bytes: number): boolean {
  return bytes > MOST && swapped(bytes) <= MOST;
}

export function hasSwappedSize({ cdb_size, sense_size }: RequestSizes): boolean {
  return isSwappedSize(cdb_size) || isSwappedSize(sense_size);
}
