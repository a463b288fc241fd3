import { get16, put16 } from '../../../core/big-endian.ts';

/** RFC 1350, section 5, and RFC 2347: the first two bytes. */
const OPCODE = { READ: 1, DATA: 3, ACK: 4, ERROR: 5, OPTIONS: 6 } as const;
export const TFTP = 69;
export const TFTP_ERROR = { NOT_FOUND: 1, ILLEGAL: 4 } as const;

/** A read request. */
export interface ReadRequest {
  readonly name: string;
  readonly mode: string;
  /** By their names in lower case (RFC 2347). */
  readonly options: ReadonlyMap<string, string>;
}

/** Null for other messages. */
export function readRequestIn(bytes: Uint8Array): ReadRequest | null {
  if (bytes.length < 4 || get16(bytes, 0) !== OPCODE.READ) return null;
  const [name = '', mode = '', ...rest] = Buffer.from(bytes.subarray(2)).toString('latin1').split('\0');
  const options = new Map<string, string>();
  for (let i = 0; i + 1 < rest.length; i += 2) options.set(rest[i]!.toLowerCase(), rest[i + 1]!);
  return { name, mode: mode.toLowerCase(), options };
}

/** The acknowledged block; null for an error, and other messages. */
export function acknowledgedIn(bytes: Uint8Array): number | null {
  return bytes.length >= 4 && get16(bytes, 0) === OPCODE.ACK ? get16(bytes, 2) : null;
}

export function isError(bytes: Uint8Array): boolean {
  return bytes.length >= 2 && get16(bytes, 0) === OPCODE.ERROR;
}

/** Block numbers have 16 bits; after the last comes 0, by common practice. */
export function dataBytes(block: number, bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.concat([numbers(OPCODE.DATA, block & 0xffff), bytes]));
}

export function errorBytes(code: number, text: string): Uint8Array {
  return Uint8Array.from(Buffer.concat([numbers(OPCODE.ERROR, code), Buffer.from(`${text}\0`)]));
}

export function optionsBytes(options: ReadonlyMap<string, number>): Uint8Array {
  const text = [...options].map(([name, value]) => `${name}\0${value}\0`).join('');
  return Uint8Array.from(Buffer.concat([numbers(OPCODE.OPTIONS), Buffer.from(text)]));
}

function numbers(...all: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(2 * all.length);
  for (const [i, value] of all.entries()) put16(bytes, 2 * i, value);
  return bytes;
}
