import { EOI } from '../../chipset/registers/local-apic.ts';
import type { BrokenDriver } from '../../conformance/broken/broken-driver.ts';
import { MMIO } from '../../core/places.ts';

/** Stores to a register in memory as if RAM were there: no device gets it. */
export const MUTANTS: readonly BrokenDriver[] = [
  {
    clause: 'ram/OUTSIDE',
    model: {
      name: 'stores to a register as to RAM',
      run: ({ memory }) => memory.store(MMIO.LOCAL_APIC + EOI.offset, 0, 4),
    },
  },
];
