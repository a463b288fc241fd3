import { MisuseError } from '../core/misuse.ts';

/**
 * ACPI Machine Language, as bytes. Every function returns the encoding of one term; terms nest as in ASL.
 * Source: ACPI 6.5, section 20.2. Only what the tables of this machine need.
 *
 * @example
 * device('RTC', name('_HID', eisaId('PNP0B00')), name('_CRS', template(io(0x70, 2), irq(8))));
 */
export type Aml = readonly number[];

/** NullName, one segment, DualNamePrefix; from three on MultiNamePrefix and their count. */
const MANY: readonly Aml[] = [[0x00], [], [0x2e]];
const PKG_LENGTH_MAX = 0x0fff_ffff;

/** Concatenates all of `parts`. */
export function bytes(...parts: Aml[]): number[] {
  return ([] as number[]).concat(...parts);
}

/** `count` bytes of `value`, up to four, the least significant first. */
export function little(value: number, count: number): number[] {
  const all = [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
  return all.slice(0, count);
}

export function ascii(text: string): number[] {
  return [...Buffer.from(text, 'latin1')];
}

/**
 * PkgLength for `length` bytes that follow it. It counts itself, and takes one byte up to a total of 63, else two
 * to four, of which the first gives four bits of the total and the count of the others (20.2.4).
 *
 * @throws MisuseError when the total is above 2^28 - 1.
 */
export function pkgLength(length: number): Aml {
  if (length + 1 <= 0x3f) return [length + 1];
  for (const more of [1, 2, 3]) {
    const total = length + 1 + more;
    if (total < 2 ** (4 + 8 * more)) return [(more << 6) | (total & 0x0f), ...little(total >>> 4, more)];
  }
  throw new MisuseError('aml.length', length, `at most ${PKG_LENGTH_MAX - 4} bytes`);
}

/**
 * A name as ASL writes it: `\_SB.PCI0`, `^PRQ0`, `LNKA`. Segments shorter than four are filled with `_`; the empty
 * name is NullName (20.2.2).
 *
 * @throws MisuseError for an invalid segment.
 */
export function nameString(path: string): Aml {
  const [, prefix = '', rest = ''] = /^(\\|\^*)(.*)$/s.exec(path)!;
  const segments = rest === '' ? [] : rest.split('.');
  const wrong = segments.find((segment) => !/^[A-Z_][A-Z0-9_]{0,3}$/.test(segment));
  if (wrong !== undefined || segments.length > 255)
    throw new MisuseError('aml.name', path, 'a path of names of up to four letters');
  const names = segments.map((segment) => segment.padEnd(4, '_')).join('');
  return [...ascii(prefix), ...(MANY[segments.length] ?? [0x2f, segments.length]), ...ascii(names)];
}

/** ZeroOp, OneOp, or the shortest constant that holds `value`, up to 32 bits (20.2.3). */
export function integer(value: number): Aml {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
    throw new MisuseError('aml.integer', value, 'a whole number below 2^32');
  if (value <= 1) return [value];
  if (value <= 0xff) return [0x0a, value];
  return value <= 0xffff ? [0x0b, ...little(value, 2)] : [0x0c, ...little(value, 4)];
}

/** A PNP identifier as the integer that EisaId() returns: three letters of five bits, four digits, big-endian. */
export function eisaId(id: string): Aml {
  const [, letters, digits] = /^([A-Z]{3})([0-9A-F]{4})$/.exec(id) ?? [];
  if (letters === undefined) throw new MisuseError('aml.eisaId', id, 'three letters and four hex digits');
  const [a, b, c] = ascii(letters).map((code) => code - 0x40) as [number, number, number];
  const manufacturer = (a << 10) | (b << 5) | c;
  return [0x0c, manufacturer >> 8, manufacturer & 0xff, ...little(Number.parseInt(digits!, 16), 2).reverse()];
}

export function string(text: string): Aml {
  return [0x0d, ...ascii(text), 0x00];
}

/** An operator whose PkgLength covers all that follows it. */
function counted(operator: Aml, ...parts: Aml[]): Aml {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return bytes(operator, pkgLength(length), ...parts);
}

export function buffer(content: Aml): Aml {
  return counted([0x11], integer(content.length), content);
}

export function pack(...elements: Aml[]): Aml {
  return counted([0x12], [elements.length], ...elements);
}

export function name(path: string, value: Aml): Aml {
  return bytes([0x08], nameString(path), value);
}

export function scope(path: string, ...terms: Aml[]): Aml {
  return counted([0x10], nameString(path), ...terms);
}

export function device(path: string, ...terms: Aml[]): Aml {
  return counted([0x5b, 0x82], nameString(path), ...terms);
}

/** @param block its P_BLK, `length` ports of it. */
export function processor(path: string, id: number, block: number, length: number): Aml {
  return counted([0x5b, 0x83], nameString(path), [id], little(block, 4), [length]);
}

/** @param serialized only one thread at a time may run it; a method that creates names needs it. */
export function method(path: string, args: number, serialized: boolean, ...terms: Aml[]): Aml {
  return counted([0x14], nameString(path), [args | (serialized ? 8 : 0)], ...terms);
}

/** `length` bytes from `offset` of the PCI configuration space of the enclosing device. */
export function pciConfig(path: string, offset: number, length: number): Aml {
  return [0x5b, 0x80, ...nameString(path), 0x02, ...integer(offset), ...integer(length)];
}

/** Adjacent byte-wide fields of a region: ByteAcc, NoLock, Preserve. */
export function byteFields(region: string, names: readonly string[]): Aml {
  return counted([0x5b, 0x81], nameString(region), [0x01], ...names.map((one) => [...nameString(one), 8]));
}

/** The operators of methods (ACPI 6.5, 20.2.5). If an operator takes a target and none is needed, it is NullName. */

export const ARG0: Aml = [0x68];
/** A one-byte operation without effect. */
export const NOOP = 0xa3;
const NULL_NAME: Aml = [0x00];

export function store(value: Aml, target: Aml): Aml {
  return [0x70, ...value, ...target];
}

export function and(a: Aml, b: Aml): Aml {
  return [0x7b, ...a, ...b, ...NULL_NAME];
}

export function or(a: Aml, b: Aml, target: Aml): Aml {
  return [0x7d, ...a, ...b, ...target];
}

export function when(condition: Aml, ...terms: Aml[]): Aml {
  return counted([0xa0], condition, ...terms);
}

export function giveBack(value: Aml): Aml {
  return [0xa4, ...value];
}

/** A named doubleword at byte `offset` of a buffer. */
export function dwordOf(source: Aml, offset: number, path: string): Aml {
  return [0x8a, ...source, ...integer(offset), ...nameString(path)];
}
