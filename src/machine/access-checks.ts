import type { Gpa, Width } from '../core/bits.ts';
import { MisuseError } from '../core/misuse.ts';

// Called at every access. The error paths are separate functions: V8 inlines short functions.

export function checkWidth(width: Width): void {
  if (width !== 1 && width !== 2 && width !== 4) refuse('width', width, '1, 2 or 4 bytes');
}

export function checkPort(port: number): void {
  if (typeof port !== 'number' || (port & 0xffff) !== port) refuse('port', port, 'a port, 0 to 65535');
}

/** Whether or not any device answers there. */
export function checkAddress(address: Gpa): void {
  if (typeof address !== 'number' || address >>> 0 !== address) checkLarge(address);
}

/** Of a wider value, only the access's own bits count: -1 is all ones. */
export function checkValue(value: number): void {
  if (typeof value !== 'number' || value >>> 0 !== value) checkWhole(value);
}

function checkLarge(address: Gpa): void {
  if (!(Number.isSafeInteger(address) && address >= 0))
    refuse('address', address, 'a guest physical address');
}

function checkWhole(value: number): void {
  if (!Number.isInteger(value)) refuse('value', value, 'a whole number');
}

function refuse(path: string, value: unknown, expected: string): never {
  throw new MisuseError(path, value, expected);
}

export function checkLength(length: number): void {
  if (!(Number.isSafeInteger(length) && length >= 0)) refuse('length', length, 'a number of bytes from 0');
}

/** The error of a call that a closed machine refuses. */
export function closedError(path: string): MisuseError {
  return new MisuseError(path, 'closed', '', 'the machine is closed');
}
