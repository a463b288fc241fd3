import { PIRQRC } from '../../chipset/registers/piix4-isa.ts';
import { MMIO } from '../../core/places.ts';
import { assignBars, type BarWindows } from '../../guest/pci/bars.ts';
import { writeRegister } from '../../guest/pci/config.ts';
import { enumerate } from '../../guest/pci/enumerate.ts';
import type { Machine } from '../../machine/machine.ts';
import { INTERRUPT_LINE } from '../../pci/registers.ts';

/** Compute Engine's firmware places base addresses here; a gVNIC's doorbells take a mebibyte. */
export const BAR_WINDOWS: BarWindows = {
  io: { base: 0xc000, end: 0xd000 },
  memory: { base: 0xfea0_0000, end: MMIO.IO_APIC },
};
/** A gVNIC with a mailbox needs 256 MiB. */
const LARGE_WINDOWS: BarWindows = { ...BAR_WINDOWS, memory: { base: 0xe000_0000, end: MMIO.IO_APIC } };
const WINDOW = BAR_WINDOWS.memory.end - BAR_WINDOWS.memory.base;
const PORTS = 0x1_0000;
const ISA_BRIDGE = 0x08;
const LINKS = 4;

/**
 * Prepares a machine without firmware as an operating system does before its drivers: every function gets addresses, and
 * its line an IRQ. Nothing is enabled. The judge does not watch.
 */
export function placeFunctions({ port, chassis, journal }: Machine): void {
  const { pc, ioBase, memoryStart, memoryEnd } = chassis.firmware;
  journal.quietly(() => {
    const functions = enumerate(port);
    if (pc === null) {
      const memory = { base: memoryStart, end: memoryEnd };
      assignBars(port, functions, { io: { base: ioBase, end: PORTS }, memory });
      return;
    }
    const { links } = pc;
    for (const [link, irq] of links.entries()) writeRegister(port, ISA_BRIDGE, PIRQRC[link]!, irq);
    const isLarge = functions.some(({ bars }) => bars.some(({ size }) => size > WINDOW));
    for (const { bdf, pin } of assignBars(port, functions, isLarge ? LARGE_WINDOWS : BAR_WINDOWS))
      if (pin > 0) writeRegister(port, bdf, INTERRUPT_LINE, links[((bdf >> 3) + pin - 2) % LINKS]!);
  });
}
