import { Buffer } from 'node:buffer';
import type { Width } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { COM_PORTS } from '../../core/places.ts';
import type { BusMemory } from './bus-memory.ts';
import type { Intercepts } from './intercepts.ts';
import { PROCESSOR_COMMANDS } from './processor-commands.ts';
import type { WireTime } from './time.ts';
import { WireError } from './wire-error.ts';

/** The objects that commands use. */
export interface Wired {
  readonly port: GuestPort;
  readonly memory: BusMemory;
  readonly intercepts: Intercepts;
  readonly time: WireTime;
}

/** Takes the words of a line, the command first. @returns the answer, without its end of line. */
type Command = (words: readonly string[], on: Wired) => string;

/** Bytes of memory in one command. */
const MOST = 128 << 20;
const UART_PORTS = 8;
const OK = 'OK';
const TOO_SHORT = 'ERR invalid argument size';

/** Every command of the wire by its name. Source: QEMU, system/qtest.c, "QTest Protocol". */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['endianness', () => 'OK little'],
  ...widths(
    'in',
    '',
    (width): Command =>
      (words, { port }) => {
        const value = port.in(portIn(words), width) >>> 0;
        return `OK 0x${value.toString(16).padStart(4, '0')}`;
      },
  ),
  ...widths(
    'out',
    '',
    (width): Command =>
      (words, { port, time }) => {
        const at = portIn(words);
        port.out(at, truncated(wordIn(words, 2), width), width);
        if (isSerial(at)) time.settle();
        return OK;
      },
  ),
  ...widths(
    'read',
    '',
    (width): Command =>
      (words, { memory }) => {
        const value = memory.load(numberIn(words, 1), width);
        return `OK 0x${value.toString(16).padStart(16, '0')}`;
      },
  ),
  ...widths(
    'write',
    '',
    (width): Command =>
      (words, { memory }) => {
        memory.store(numberIn(words, 1), truncated(wordIn(words, 2), width), width);
        return OK;
      },
  ),
  ['readq', readQuad],
  ['writeq', writeQuad],
  ['read', (words, on) => `OK 0x${Buffer.from(bytesAt(words, on, 1)).toString('hex')}`],
  ['b64read', (words, on) => `OK ${Buffer.from(bytesAt(words, on, 0)).toString('base64')}`],
  ['write', write],
  ['b64write', writeBase64],
  ['memset', fill],
  ['clock_step', ([, by], { time }) => (by === undefined ? time.next() : time.by(timeIn(by)))],
  ['clock_set', (words, { time }) => time.set(timeIn(wordAt(words, 1)))],
  ['irq_intercept_in', (words, { intercepts }) => intercepts.inputs(wordAt(words, 1), words[2])],
  ['irq_intercept_out', (words, { intercepts }) => intercepts.outputs(wordAt(words, 1), words[2])],
  ['set_irq_in', setIrq],
  ...Object.keys(PROCESSOR_COMMANDS).map((name): [string, Command] => [name, execute]),
]);

function widths(
  begin: string,
  end: string,
  make: (width: Width) => Command,
): [name: string, command: Command][] {
  const letters = [
    ['b', 1],
    ['w', 2],
    ['l', 4],
  ] as const;
  return letters.map(([letter, width]) => [`${begin}${letter}${end}`, make(width)]);
}

/** Low half first, as a bus of 32 bits has it. */
function readQuad(words: readonly string[], { memory }: Wired): string {
  const address = numberIn(words, 1);
  const low = memory.load(address, 4);
  const high = memory.load(address + 4, 4);
  return `OK 0x${high.toString(16).padStart(8, '0')}${low.toString(16).padStart(8, '0')}`;
}

function writeQuad(words: readonly string[], { memory }: Wired): string {
  const address = numberIn(words, 1);
  const value = wholeOf(wordAt(words, 2));
  if (value === null) throw noNumber(words, 2);
  memory.store(address, Number(value & 0xffff_ffffn), 4);
  memory.store(address + 4, Number(value >> 32n), 4);
  return OK;
}

function bytesAt(words: readonly string[], { memory }: Wired, least: number): Uint8Array {
  const bytes = new Uint8Array(lengthIn(words, 2, least));
  memory.read(numberIn(words, 1), bytes);
  return bytes;
}

/** Missing digits are zero; surplus digits are ignored. */
function write(words: readonly string[], { memory }: Wired): string {
  const digits = wordAt(words, 3);
  const bytes = new Uint8Array(lengthIn(words, 2, 0));
  if (digits.length < 3) return TOO_SHORT;
  for (let i = 0; i < bytes.length && 2 * i + 4 <= digits.length; i++) {
    const high = hexDigit(digits.charCodeAt(2 * i + 2));
    const low = hexDigit(digits.charCodeAt(2 * i + 3));
    if (high < 0 || low < 0) throw new WireError(`${words[0]}: the data are not hexadecimal`);
    bytes[i] = high * 16 + low;
  }
  memory.write(numberIn(words, 1), bytes);
  return OK;
}

function writeBase64(words: readonly string[], { memory }: Wired): string {
  const text = wordAt(words, 3);
  const length = lengthIn(words, 2, 0);
  if (text.length < 3) return TOO_SHORT;
  memory.write(numberIn(words, 1), Buffer.from(text, 'base64').subarray(0, length));
  return OK;
}

function fill(words: readonly string[], { memory }: Wired): string {
  const length = lengthIn(words, 2, 0);
  memory.write(numberIn(words, 1), new Uint8Array(length).fill(wordIn(words, 3) & 0xff));
  return OK;
}

/** `wrmsr 0 0x4b564d01 0x1001`: of the first processor. */
function execute(words: readonly string[], { port }: Wired): string {
  const [numbers, does] = PROCESSOR_COMMANDS[words[0]!]!;
  const cpu = port.processors?.[numberIn(words, 1)];
  if (cpu === undefined) throw new WireError(`${words[0]}: there is no processor ${words[1]}`);
  const given = Array.from({ length: numbers }, (_, i) => {
    const value = wholeOf(wordAt(words, 2 + i));
    if (value === null) throw noNumber(words, 2 + i);
    return value;
  });
  return does(cpu, ...given);
}

function setIrq(words: readonly string[], { intercepts }: Wired): string {
  const level = signedOf(wordAt(words, 4));
  if (Number.isNaN(level)) throw noNumber(words, 4);
  intercepts.set(wordAt(words, 1), wordAt(words, 2), numberIn(words, 3), level !== 0);
  return OK;
}

function wordAt(words: readonly string[], at: number): string {
  const word = words[at];
  if (word === undefined) throw new WireError(`${words[0]}: argument ${at} is missing`);
  return word;
}

function noNumber(words: readonly string[], at: number): WireError {
  return new WireError(`${words[0]}: argument ${at}, ${JSON.stringify(wordAt(words, at))}, is no number`);
}

function numberIn(words: readonly string[], at: number): number {
  const value = numberOf(words[at]);
  if (Number.isNaN(value)) throw noNumber(words, at);
  return value;
}

function wordIn(words: readonly string[], at: number): number {
  const value = wordOf(words[at]);
  if (Number.isNaN(value)) throw noNumber(words, at);
  return value;
}

function portIn(words: readonly string[]): number {
  const port = numberIn(words, 1);
  if (port > 0xffff) throw new WireError(`${words[0]}: ports are 0 to 0xffff`);
  return port;
}

function isSerial(port: number): boolean {
  return COM_PORTS.some((first) => port >= first && port < first + UART_PORTS);
}

function lengthIn(words: readonly string[], at: number, least: number): number {
  const length = numberIn(words, at);
  if (length < least || length > MOST)
    throw new WireError(`${words[0]}: a length is ${least} to ${MOST} bytes`);
  return length;
}

function timeIn(word: string): number {
  const time = signedOf(word);
  if (Number.isNaN(time)) throw new WireError(`${JSON.stringify(word)} is no time in nanoseconds`);
  return time;
}

function truncated(value: number, width: Width): number {
  return width === 4 ? value : value & (2 ** (8 * width) - 1);
}

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
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
