import type { Gpa, Width } from '../core/bits.ts';
import { MisuseError } from '../core/misuse.ts';

// Asked at every access. What finds something wrong stands apart: V8 takes short functions into their callers.

export function checkWidth(width: Width): void {
  if (width !== 1 && width !== 2 && width !== 4) refuse('width', width, '1, 2 or 4 bytes');
}

export function checkPort(port: number): void {
  if (typeof port !== 'number' || (port & 0xffff) !== port) refuse('port', port, 'a port, 0 to 65535');
}

/** Whether or not anything answers there. */
export function checkAddress(address: Gpa): void {
  if (typeof address !== 'number' || address >>> 0 !== address) checkLarge(address);
}

/** Of more bits than the access has, its own count: -1 is all ones. */
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

/** For what a machine does not do any more. */
export function closedError(path: string): MisuseError {
  return new MisuseError(path, 'closed', '', 'the machine is closed');
}
