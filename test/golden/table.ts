/**
 * A register as typed in by hand. A row is: name | offset/width in bytes | reset | bits that a write stores | bits
 * that a written 1 clears | bits that reading clears | fields by their bits. Numbers but the width and bit numbers
 * are hexadecimal.
 */
export interface GoldenRow {
  readonly name: string;
  readonly offset: number;
  readonly width: number;
  readonly reset: number;
  readonly writable: number;
  readonly w1c: number;
  readonly rc: number;
  /** Highest and lowest bit by the field's name. */
  readonly fields: Readonly<Record<string, readonly [high: number, low: number]>>;
}

export function parseTable(text: string): GoldenRow[] {
  return text
    .split('\n')
    .filter((line) => line.includes('|'))
    .map(parseRow);
}

function parseRow(line: string): GoldenRow {
  const [name, place, reset, writable, w1c, rc, fields] = line.split('|').map((cell) => cell.trim());
  const [offset, width] = place!.split('/');
  const hex = (text: string | undefined) => Number.parseInt(text!, 16);
  return {
    name: name!,
    offset: hex(offset),
    width: Number(width),
    reset: hex(reset),
    writable: hex(writable),
    w1c: hex(w1c),
    rc: hex(rc),
    fields: Object.fromEntries(fields!.split(' ').map(parseField)),
  };
}

function parseField(text: string): [string, [number, number]] {
  const [name, bits] = text.split('=');
  const [high, low] = bits!.split(':');
  return [name!, [Number(high), Number(low ?? high)]];
}
