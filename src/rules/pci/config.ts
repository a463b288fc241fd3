import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { ConfigEvents } from '../../pci/events.ts';
import { CONFADD } from '../../pci/registers.ts';

const NO_FUNCTION = -1;
const WORD = 2;
/** Bytes that CONFADD selects. */
const DOUBLEWORD = 4;

/** Rules of a scan of the bus by configuration mechanism #1. */
export const CONFIG = {
  'pci/CONFADD-ALIGN': {
    where: 'PCI 3.0, 3.2.2.3.2',
    text: 'Write a doubleword-aligned register number to CONFADD, with bits 1 and 0 clear.',
    advice: 'Add the low two bits of the register number to the data port instead: 0xCFC + (register & 3).',
    on: 'addressed',
    kept: (k) => (k.confadd & 3) === 0,
    said: (k) => `register number ${hex(k.confadd & 0xff, 2)} is not that of a doubleword`,
  },
  'pci/CONFADD-WIDTH': {
    where: 'PCI 3.0, 3.2.2.3.2',
    text: 'A driver MUST write CONFADD as a doubleword before accessing CONFDATA.',
    advice: 'Write all 32 bits to port CF8 at once: smaller writes go to other ports.',
    on: 'used',
    kept: (k) => !k.inPart,
    said: () =>
      'CONFDATA was accessed after a write to CONFADD with fewer than four bytes, which has no effect',
  },
  'pci/CONFADD-ENABLE': {
    where: 'PCI 3.0, 3.2.2.3.2',
    text: 'A driver MUST set ENABLE, bit 31, in CONFADD before accessing CONFDATA.',
    advice: 'Write 80000000 | bus << 16 | device << 11 | function << 8 | register to port CF8.',
    on: 'used',
    kept: (k) => k.enabled,
    said: () => 'CONFDATA was accessed without ENABLE in CONFADD: no function answers',
    follows: ['pci/CONFADD-WIDTH'],
  },
  'pci/CONFDATA-WIDTH': {
    where: 'PCI 3.0, 3.2.2.3.2',
    text: 'A driver MUST NOT access CONFDATA beyond the end of its doubleword.',
    advice: 'Access the two registers one by one, each through its own CONFADD.',
    on: 'used',
    when: (k) => k.enabled,
    kept: (k) => k.offset + k.width <= DOUBLEWORD,
    said: (k) =>
      `an access of ${k.width} bytes began at byte ${k.offset} of CONFDATA: the rest went to other ports`,
  },
  'pci/MULTI-FUNCTION': {
    where: 'PCI 3.0, 6.2.1',
    text: 'A driver SHOULD look at functions 1 to 7 only if function 0 says that the device has several.',
    advice: 'Read the header type of function 0 first: a single-function device may answer for all eight.',
    on: 'looked',
    kept: (k) => k.several,
    said: (k) => `function ${k.fn} of ${k.first} was accessed, which is a single-function device`,
    alike: true,
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
  /** ENABLE, or a word, was last written by an access of fewer than four bytes. */
  inPart = false;
  /** CONFADD has ENABLE while CONFDATA is accessed: at which byte, and by how many. */
  enabled = false;
  offset = 0;
  width = 0;
  private bdf = NO_FUNCTION;
  private readonly journal: Journal;
  private readonly nameOf: (bdf: number) => string;
  private readonly on;

  constructor(nameOf: (bdf: number) => string, journal: Journal) {
    this.nameOf = nameOf;
    this.journal = journal;
    this.on = new Watch(journal, CONFIG).on;
  }

  get subject(): string {
    return this.bdf === NO_FUNCTION ? 'CONFADD' : 'pci';
  }

  /** The function of the slot, 1 to 7. */
  get fn(): number {
    return this.bdf & 7;
  }

  /** Function 0 of the slot: `scsi0 (00:03.0)`. */
  get first(): string {
    return this.nameOf(this.bdf & ~7);
  }

  addressed(confadd: number): void {
    this.confadd = confadd;
    this.inPart = false;
    this.bdf = NO_FUNCTION;
    this.on.addressed.tell(this);
  }

  /** Bytes without ENABLE ask a chipset for the one mechanism or the other, and a byte at CF9 resets the machine. */
  partWritten(bits: number): void {
    if ((bits & CONFADD.mask.ENABLE) !== 0 || this.journal.trail.widthOf(1) === WORD) this.inPart = true;
  }

  used(enabled: boolean, offset: number): void {
    this.enabled = enabled;
    this.offset = offset;
    this.width = this.journal.trail.widthOf(1);
    this.bdf = NO_FUNCTION;
    this.on.used.tell(this);
  }

  lookedAt(bdf: number, several: boolean): void {
    this.bdf = bdf;
    this.several = several;
    this.on.looked.tell(this);
  }
}
