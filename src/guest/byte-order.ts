import { type Gpa, swap16, swap32 } from '../core/bits.ts';
import type { GuestPort } from '../core/guest-port.ts';

/** Loads an integer that is little-endian for every guest. */
export function loadLittle({ memory }: GuestPort, at: Gpa, width: 2 | 4): number {
  const value = memory.load(at, width);
  return memory.endian === 'be' ? swapped(value, width) : value;
}

/** Loads an integer that is big-endian for every guest. */
export function loadBig({ memory }: GuestPort, at: Gpa, width: 2 | 4): number {
  const value = memory.load(at, width);
  return memory.endian === 'be' ? value : swapped(value, width);
}

const swapped = (value: number, width: 2 | 4) => (width === 2 ? swap16(value) : swap32(value) >>> 0);
