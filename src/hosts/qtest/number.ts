const SAFE_HEX = 13;
const SAFE_DECIMAL = 15;
const C_NUMBER = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/;
const OF_64_BITS = 1n << 64n;

/**
 * A number as C's strtoull parses it at base 0: `16`, `0x10`, `020`; one with a minus sign wraps, as there. With more
 * bits than a double holds, it is rounded: no device has such an address.
 *
 * @returns NaN for text that is not a number, or has more than 64 bits.
 */
export function numberOf(text: string | undefined): number {
  if (text === undefined) return Number.NaN;
  const plain = plainNumber(text);
  if (plain >= 0) return plain;
  const whole = wholeOf(text);
  return whole === null ? Number.NaN : Number(whole);
}

/** As `numberOf`, exact to 64 bits; null if it is not a number. */
export function wholeOf(text: string): bigint | null {
  const [, sign, digits] = C_NUMBER.exec(text) ?? [];
  if (digits === undefined) return null;
  const octal = /^0[0-7]/.test(digits);
  const size = BigInt(octal ? `0o${digits.slice(1)}` : digits);
  if (size >= OF_64_BITS) return null;
  return sign === '-' ? BigInt.asUintN(64, -size) : size;
}

/** A signed number, as strtoll parses it; NaN also beyond what a double holds exactly. */
export function signedOf(text: string): number {
  const negative = text.startsWith('-');
  const size = numberOf(negative ? text.slice(1) : text);
  if (!Number.isSafeInteger(size) || text.startsWith('-', 1)) return Number.NaN;
  return negative ? -size : size;
}

/** The low 32 bits; NaN for what is not a number. */
export function wordOf(text: string | undefined): number {
  if (text === undefined) return Number.NaN;
  const plain = plainNumber(text);
  if (plain >= 0) return plain % 0x1_0000_0000;
  const whole = wholeOf(text);
  return whole === null ? Number.NaN : Number(BigInt.asUintN(32, whole));
}

/** The common case, without a regular expression: a few digits without a sign. -1 for anything else. */
function plainNumber(text: string): number {
  const { length } = text;
  if (length === 0) return -1;
  if (text.charCodeAt(0) !== 0x30 || length === 1) return decimal(text);
  if (length < 3 || length > SAFE_HEX + 2 || (text.charCodeAt(1) | 0x20) !== 0x78) return -1;
  let value = 0;
  for (let i = 2; i < length; i++) {
    const digit = hexDigit(text.charCodeAt(i));
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function decimal(text: string): number {
  if (text.length > SAFE_DECIMAL) return -1;
  let value = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The value of a hexadecimal digit by its character code; -1 for any other. */
export function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
