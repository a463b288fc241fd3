import { PMBA, PMREGMISC } from '../../chipset/registers/piix4-acpi.ts';
import { PIRQRC } from '../../chipset/registers/piix4-isa.ts';
import type { FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { configRead } from '../pci/config.ts';

const PIIX4_ISA = 0x7110;
const PIIX4_ACPI = 0x7113;

/** Firmware's settings of the two PIIX4 functions. */
export interface ChipsetFacts {
  /** The IRQ of LNKA to LNKD; 128 and up means not routed. */
  readonly links: readonly number[];
  /** Base of the power management ports, 0 if they are off. */
  readonly pmba: number;
}

/** Null if there are no such functions. */
export function probeChipset(port: GuestPort, functions: readonly FoundFunction[]): ChipsetFacts | null {
  const isa = functions.find(({ id }) => id.device === PIIX4_ISA);
  const acpi = functions.find(({ id }) => id.device === PIIX4_ACPI);
  if (isa === undefined || acpi === undefined) return null;
  const open = configRead(port, acpi.bdf, PMREGMISC.offset, 1) & PMREGMISC.mask.PMIOSE;
  return {
    links: PIRQRC.map(({ offset }) => configRead(port, isa.bdf, offset, 1)),
    pmba: open ? configRead(port, acpi.bdf, PMBA.offset, 4) & PMBA.mask.BASE : 0,
  };
}
