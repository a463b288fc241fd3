import type { FoundFunction } from '../../core/driver.ts';
import type { Journal } from '../../core/journal.ts';
import { scripts } from '../script.proof.ts';
import {
  type BUS_NUMBERS,
  BusNumberWatch,
  type ENUMERATION,
  EnumerationWatch,
  type PluggedFunction,
} from './enumeration.ts';

const ID = {
  vendor: 0x1af4,
  device: 0x1000,
  class: 0x02_0000,
  revision: 0,
  subsystemVendor: 0x1af4,
  subsystem: 1,
};
const NIC: PluggedFunction = {
  bdf: 0x20,
  subject: 'net0 (00:04.0)',
  id: ID,
  bars: [{ index: 0, kind: 'io', size: 64 }],
  msixVectors: 3,
};
const FOUND: FoundFunction = {
  bdf: 0x20,
  id: ID,
  bars: [{ index: 0, kind: 'io', size: 64, address: 0xc040 }],
  msixVectors: 3,
  pin: 1,
  line: 11,
};
const WITH_FLAG: FoundFunction = { ...FOUND, bars: [{ index: 0, kind: 'io', size: 63, address: 0xc040 }] };
const AT_FLAG: FoundFunction = { ...FOUND, bars: [{ index: 0, kind: 'io', size: 64, address: 0xc041 }] };

const BEHIND = 0x320;

export const ENUMERATION_PROOFS = scripts<EnumerationWatch, keyof typeof ENUMERATION>(
  (journal) => new EnumerationWatch(journal),
  {
    'pci/FUNCTIONS': {
      breaks: (scan) => scan.enumerated([], [NIC]),
      keeps: (scan) => scan.enumerated([FOUND], [NIC]),
    },
    'pci/BRIDGES': {
      breaks: (scan) => scan.enumerated([FOUND], [NIC, { ...NIC, bdf: BEHIND }]),
      keeps: (scan) => scan.enumerated([FOUND, { ...FOUND, bdf: BEHIND }], [NIC, { ...NIC, bdf: BEHIND }]),
    },
    'pci/BAR-SIZE': {
      breaks: (scan) => scan.enumerated([WITH_FLAG], [NIC]),
      keeps: (scan) => scan.enumerated([FOUND], [NIC]),
    },
    'pci/BAR-FLAGS': {
      breaks: (scan) => scan.enumerated([AT_FLAG], [NIC]),
      keeps: (scan) => scan.enumerated([FOUND], [NIC]),
    },
    'pci/MSIX-SIZE': {
      breaks: (scan) => scan.enumerated([{ ...FOUND, msixVectors: 2 }], [NIC]),
      keeps: (scan) => scan.enumerated([FOUND], [NIC]),
    },
  },
);

/** Functions of bus 1. */
const BEHIND_FIRST = 0x100;

/** Three bridges, the first of which leads to the others, and of which the last has no number. */
export class Bridges {
  readonly numbers = [1, 2, -1];
  /** Of the last bus behind the first, which leads to the others. */
  last = 2;
  private readonly journal: Journal;

  constructor(journal: Journal) {
    this.journal = journal;
    new BusNumberWatch(
      () =>
        this.numbers.map((secondary, i) => ({
          subject: `switch0.${i}`,
          bdf: i === 0 ? 0 : BEHIND_FIRST | (i << 3),
          secondary,
          subordinate: i === 0 ? this.last : secondary,
        })),
      journal,
    );
  }

  end(): void {
    this.journal.end();
  }
}

export const BUS_NUMBER_PROOFS = scripts<Bridges, keyof typeof BUS_NUMBERS>(
  (journal) => new Bridges(journal),
  {
    'pci/BUS-NUMBER': {
      breaks: (bridges) => {
        bridges.numbers[1] = 1;
        bridges.end();
      },
      keeps: (bridges) => bridges.end(),
    },
  },
);
