import type { Breach } from './breach.ts';

/** Tests of one folder of virtio-villain. Numbers are written as `1-3 7`. */
export interface Group {
  readonly title: string;
  /** What their numbers begin with. */
  readonly prefix: string;
  readonly rows: readonly Breach[];
  /** Those in which nothing is broken, beside rows that say so. */
  readonly kept: string;
  /** Those that ask for something which no machine here has. */
  readonly lacking?: { readonly numbers: string; readonly why: string };
  /** Those that could not be looked at. */
  readonly unseen?: string;
}

const DIGITS = 4;

/** The numbers of tests that are meant: `PCI0001`. */
export function testsIn({ prefix }: Group, numbers = ''): string[] {
  return numbers
    .split(' ')
    .filter((range) => range !== '')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    })
    .map((number) => `${prefix}${String(number).padStart(DIGITS, '0')}`);
}
