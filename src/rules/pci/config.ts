import { bdfText, hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { ConfigEvents } from '../../pci/events.ts';

const NOBODY = -1;

/** Rules of a scan of the bus by configuration mechanism #1. */
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
} as const satisfies Rules<ConfigWatch>;

/**
 * Watches a driver that scans the bus. `nameOf` names the function at an address of the bus.
 *
 * @example
 * mechanism.events = new ConfigWatch((bdf) => bus.at(bdf)!.subject, journal);
 */
export class ConfigWatch implements ConfigEvents {
  /** What was written into CONFADD. */
  confadd = 0;
  /** Function 0 of the slot says that it is one of several. */
  several = false;
  private bdf = NOBODY;
  private readonly nameOf: (bdf: number) => string;
  private readonly on;

  constructor(nameOf: (bdf: number) => string, journal: Journal) {
    this.nameOf = nameOf;
    this.on = new Watch(journal, CONFIG).on;
  }

  get subject(): string {
    return this.bdf === NOBODY ? 'CONFADD' : bdfText(this.bdf);
  }

  /** Function 0 of the slot: `scsi0 (00:03.0)`. */
  get first(): string {
    return this.nameOf(this.bdf & ~7);
  }

  addressed(confadd: number): void {
    this.confadd = confadd;
    this.bdf = NOBODY;
    this.on.addressed.tell(this);
  }

  lookedAt(bdf: number, several: boolean): void {
    this.bdf = bdf;
    this.several = several;
    this.on.looked.tell(this);
  }
}
