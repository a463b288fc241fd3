import { bytesText, type Gpa, hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import type { Knows } from '../../core/watch.ts';

/** What the rules know of a driver's access to memory. */
export interface RamKnows extends Knows {
  readonly address: Gpa;
  readonly length: number;
  /** It was a store. */
  readonly write: boolean;
  /** How many of the bytes, from the first on, are RAM. */
  readonly inside: number;
  /** Where RAM is, in words. */
  readonly ranges: readonly string[];
}

/** Rules for whoever reads and writes memory as RAM. */
export const RAM = {
  'ram/OUTSIDE': {
    strength: 'MUST NOT',
    where: 'ACPI 6.5, System Address Map Interfaces',
    text: 'Only what the address map says is RAM is loaded from and stored to as RAM',
    advice:
      'Take memory from `allocate`, and compute addresses in it with all their bits. Registers in memory are read and written by `read` and `write` of the port.',
    on: 'touched',
    kept: (k) => k.inside === k.length,
    said: (k) =>
      `${bytesText(k.length)} ${k.length === 1 ? 'was' : 'were'} ${k.write ? 'stored to' : 'loaded from'} ${whereTo(k)}`,
    facts: (k) => k.ranges,
  },
} as const satisfies Rules<RamKnows, 'touched'>;

function whereTo({ address, length, inside }: RamKnows): string {
  if (inside === 0) return `${hex(address, 8)}, where no RAM is`;
  return `${hex(address, 8)}, and RAM ends ${bytesText(length - inside)} before their end`;
}
