import { type Aml, buffer, bytes, little } from './aml.ts';

/** Resource descriptors, as in `_CRS` and `_PRS`. Source: ACPI 6.5, section 6.4. */

/** Addresses from `first` to `last`, both inclusive. */
export interface Window {
  readonly first: number;
  readonly last: number;
}

/** ResourceProducer; minimum and maximum address are fixed. */
const FIXED_PRODUCER = 0x0c;
/** Header of a three-byte IRQ resource, and of an extended interrupt descriptor: tag, length. */
const EXTENDED_HEAD = 5;
/** Level-triggered, active high, shared, consumer. */
const LEVEL_HIGH_SHARED = 0x09;
const EDGE_HIGH_SHARED = 0x11;

/** A resource template: descriptors, an end tag and a checksum that makes all bytes sum to zero. */
export function template(...descriptors: Aml[]): Aml {
  const content = bytes(...descriptors, [0x79]);
  const sum = content.reduce((total, byte) => total + byte, 0);
  return buffer([...content, -sum & 0xff]);
}

/** `count` ports from `base`, with all 16 address lines decoded. */
export function io(base: number, count: number): Aml {
  return [0x47, 0x01, ...little(base, 2), ...little(base, 2), 0x01, count];
}

/** `count` bytes of memory from `base`, read and write. */
export function memory(base: number, count: number): Aml {
  return [0x86, 0x09, 0x00, 0x01, ...little(base, 4), ...little(count, 4)];
}

/** An ISA interrupt without flags: edge-triggered, active high, not shared. */
export function irq(line: number): Aml {
  return [0x22, ...little(1 << line, 2)];
}

/** The same, shared, which needs flags. */
export function sharedIrq(line: number): Aml {
  return [0x23, ...little(1 << line, 2), EDGE_HIGH_SHARED];
}

/** Interrupts of the IOAPIC, of which one is used: level-triggered, active high, shared. */
export function interrupts(lines: readonly number[]): Aml {
  const body = [LEVEL_HIGH_SHARED, lines.length, ...lines.flatMap((line) => little(line, 4))];
  return [0x89, ...little(body.length, 2), ...body];
}

/** Offset of the first line in an interrupt descriptor that begins a template. */
export const FIRST_INTERRUPT = EXTENDED_HEAD;

export function busNumbers(window: Window): Aml {
  return addressSpace(0x88, 2, 2, 0x00, window);
}

/** I/O ports that a bridge forwards: the entire range. */
export function ioWindow(window: Window): Aml {
  return addressSpace(0x88, 2, 1, 0x03, window);
}

/** Memory that a bridge forwards: read and write, not cacheable. */
export function memoryWindow(window: Window): Aml {
  return addressSpace(0x87, 4, 0, 0x01, window);
}

/** I/O ports that a bridge has in memory, from `at` on. */
export function ioWindowAt(window: Window, at: number): Aml {
  return addressSpace(0x87, 4, 1, 0x03, window, at);
}

/** Memory that a bridge forwards, above 4 GiB. */
export function wideMemoryWindow(window: Window): Aml {
  return addressSpace(0x8a, 8, 0, 0x01, window);
}

/** Address space descriptors of words to quadwords: granularity, first, last, translation, length. */
function addressSpace(
  tag: number,
  width: 2 | 4 | 8,
  type: number,
  specific: number,
  { first, last }: Window,
  translation = 0,
): Aml {
  const values = [0, first, last, translation, last - first + 1];
  const body = [type, FIXED_PRODUCER, specific, ...values.flatMap((value) => wide(value, width))];
  return [tag, ...little(body.length, 2), ...body];
}

/** As `little`, of up to eight bytes. */
function wide(value: number, count: 2 | 4 | 8): Aml {
  if (count < 8) return little(value, count);
  return [...little(value % 2 ** 32, 4), ...little(Math.floor(value / 2 ** 32), 4)];
}
