import { PMBA, PMREGMISC } from '../../../chipset/registers/piix4-acpi.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import { assignBars, enumerate, functionsOf, routeLines, writeRegister } from '../../../guest/index.ts';
import { INTERRUPT_LINE } from '../../../pci/registers.ts';

/** Compute Engine's firmware places base addresses here. */
const WINDOWS = {
  io: { base: 0xc000, end: 0xd000 },
  memory: { base: 0xfeb0_0000, end: 0xfec0_0000 },
};
const LINKS = [10, 10, 11, 11] as const;
const PIIX4_ACPI = 0x0b;
export const PM_PORTS = 0xb000;
const SCI = 9;

/** What Compute Engine's firmware does to the bus before a guest comes; QEMU's has none here. */
export function placeFunctions(port: GuestPort): void {
  routeLines(port, assignBars(port, enumerate(port), WINDOWS), [...LINKS]);
  if (!functionsOf(port).includes(PIIX4_ACPI)) return;
  writeRegister(port, PIIX4_ACPI, PMBA, PM_PORTS);
  writeRegister(port, PIIX4_ACPI, PMREGMISC, PMREGMISC.encode({ PMIOSE: 1 }));
  writeRegister(port, PIIX4_ACPI, INTERRUPT_LINE, SCI);
}
