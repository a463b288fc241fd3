import { PIRQRC } from '../../chipset/registers/piix4-isa.ts';
import type { FoundFunction } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { PORT } from '../../core/places.ts';
import { INTERRUPT_LINE } from '../../pci/registers.ts';
import { writeRegister } from './config.ts';

/** The PIIX4's function 0. */
const ISA_BRIDGE = 0x08;

/**
 * Routes PIRQA to PIRQD to `irqs`, makes those lines level-triggered, and writes each function's Interrupt Line.
 *
 * @example
 * routeLines(port, enumerate(port), [10, 10, 11, 11]);
 */
export function routeLines(
  port: GuestPort,
  functions: readonly FoundFunction[],
  irqs: readonly [number, number, number, number],
): void {
  for (const irq of irqs) {
    const elcr = PORT.ELCR + (irq >> 3);
    port.out(elcr, port.in(elcr, 1) | (1 << (irq & 7)), 1);
  }
  for (const [link, irq] of irqs.entries()) writeRegister(port, ISA_BRIDGE, PIRQRC[link]!, irq);
  for (const { bdf, pin } of functions)
    if (pin > 0 && bdf >> 3 !== ISA_BRIDGE >> 3)
      writeRegister(port, bdf, INTERRUPT_LINE, irqs[((bdf >> 3) + pin - 2) & 3]!);
}
