import { PIRQRC } from '../../chipset/registers/piix4-isa.ts';
import { MMIO } from '../../core/places.ts';
import type { BarWindows } from '../../guest/pci/bars.ts';
import { enable, writeRegister } from '../../guest/pci/config.ts';
import { writeLine } from '../../machine/firmware.ts';
import { placeBars, scan } from '../../machine/firmware-bars.ts';
import type { Machine } from '../../machine/machine.ts';
import { COMMAND } from '../../pci/registers.ts';

const { MEMORY_SPACE, BUS_MASTER } = COMMAND.mask;

/** Compute Engine's firmware places base addresses here; a gVNIC's doorbells take a mebibyte. */
export const BAR_WINDOWS: BarWindows = {
  io: { base: 0xc000, end: 0xd000 },
  memory: { base: 0xfea0_0000, end: MMIO.IO_APIC },
};
const ISA_BRIDGE = 0x08;

/**
 * Prepares a machine without firmware as an operating system does before its drivers: every bus has its number, every function
 * its addresses, and its line an IRQ. Nothing is enabled but bridges. The judge does not watch.
 */
export function placeFunctions({ port, chassis, journal }: Machine): void {
  const { pc } = chassis.firmware;
  journal.quietly(() => {
    const functions = scan(port);
    placeBars(port, functions, chassis.firmware);
    for (const { bdf, leadsTo } of functions)
      if (leadsTo !== null) enable(port, bdf, MEMORY_SPACE | BUS_MASTER);
    if (pc === null) return;
    for (const [link, irq] of pc.links.entries()) writeRegister(port, ISA_BRIDGE, PIRQRC[link]!, irq);
    for (const { bdf } of functions) writeLine(port, functions, bdf, pc);
  });
}
