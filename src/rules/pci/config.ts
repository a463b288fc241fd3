import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import type { Knows } from '../../core/watch.ts';

/** What the rules know of the way to configuration space. */
export interface ConfigKnows extends Knows {
  /** What was written into CONFADD. */
  readonly confadd: number;
  /** Function 0 of the slot says that it is one of several. */
  readonly several: boolean;
  /** It in words: `scsi0 (00:03.0)`. */
  readonly first: string;
}

export type ConfigMoment = 'addressed' | 'looked';

/** Rules for whoever scans the bus by configuration mechanism #1. */
export const CONFIG = {
  'pci/CONFADD-ALIGN': {
    strength: 'NOTE',
    where: 'PCI 3.0, 3.2.2.3.2',
    text: 'The register number in CONFADD is that of a doubleword: bits 1 and 0 are zero',
    advice: 'Put the low two bits of the register number into the data port instead: 0xCFC + (register & 3).',
    on: 'addressed',
    kept: (k) => (k.confadd & 3) === 0,
    said: (k) => `register number ${hex(k.confadd & 0xff, 2)} is not that of a doubleword`,
  },
  'pci/MULTI-FUNCTION': {
    strength: 'SHOULD',
    where: 'PCI 3.0, 6.2.1',
    text: 'Functions 1 to 7 are looked at only where function 0 says that it is one of several',
    advice: 'Read the header type of function 0 first: a single-function device may answer for all eight.',
    on: 'looked',
    kept: (k) => k.several,
    said: (k) => `it was looked at, though ${k.first} is a single function`,
  },
} as const satisfies Rules<ConfigKnows, ConfigMoment>;
