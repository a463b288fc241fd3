import { EOI } from '../../chipset/registers/local-apic.ts';
import { MMIO } from '../../core/places.ts';
import type { BrokenDriver } from './broken-driver.ts';

/** Stores to a register in memory as if RAM were there: no device gets it. */
export const storesToRegister: BrokenDriver = {
  clause: 'ram/OUTSIDE',
  model: {
    name: 'stores to a register as to RAM',
    run: ({ memory }) => memory.store(MMIO.LOCAL_APIC + EOI.offset, 0, 4),
  },
};
