import { bdfText, hex } from '../core/bits.ts';
import { MisuseError } from '../core/misuse.ts';

const CONFIG_BYTES = 256;
const ROW = 16;

/** A dump of a function's configuration space. */
export interface DumpedFunction {
  /** bus << 8 | device << 3 | function. */
  readonly bdf: number;
  /** 256 bytes. */
  readonly bytes: Uint8Array;
}

/**
 * Functions as `lspci -xxx` prints them, so that `lspci -F FILE -nnvv` of pciutils decodes them.
 *
 * @example
 * lspciText([{ bdf: 0x18, bytes }]);
 * // 00:03.0 Device 1af4:1004
 * // 00: f4 1a 04 10 07 01 10 00 00 00 00 00 00 00 00 00
 * // …
 *
 * @throws MisuseError if a dump is not of 256 bytes.
 */
export function lspciText(functions: readonly DumpedFunction[]): string {
  return functions.map((fn) => `${header(fn)}\n${rows(fn.bytes)}\n`).join('\n');
}

/** pciutils parses the address; the rest is for people. */
function header({ bdf, bytes }: DumpedFunction): string {
  const address = bdfText(bdf);
  if (bytes.length !== CONFIG_BYTES) throw new MisuseError(address, bytes.length, `${CONFIG_BYTES} bytes`);
  const [vendorLow, vendorHigh, deviceLow, deviceHigh] = Array.from(bytes.subarray(0, 4), (b) => hex(b, 2));
  return `${address} Device ${vendorHigh}${vendorLow}:${deviceHigh}${deviceLow}`;
}

function rows(bytes: Uint8Array): string {
  return Array.from({ length: CONFIG_BYTES / ROW }, (_, row) => {
    const line = bytes.subarray(row * ROW, (row + 1) * ROW);
    return `${hex(row * ROW, 2)}: ${Array.from(line, (byte) => hex(byte, 2)).join(' ')}`;
  }).join('\n');
}
