import type { GuestPort } from '../../core/guest-port.ts';

export type Trigger = 'edge' | 'level';

/**
 * What brings the sixteen interrupt lines to the CPU: the 8259A pair, or an I/O APIC, as it was set up. Each driver
 * comes to it by its own port.
 */
export interface LineController {
  /** The CPU vector of line `irq`, 0 to 15. */
  vectorOf(irq: number): number;
  /** Lets the line through. */
  open(port: GuestPort, irq: number, trigger: Trigger): void;
  /** Masks the line. */
  close(port: GuestPort, irq: number): void;
  /** Call it first in a handler. False for a spurious interrupt: no device asked, and nobody is to be called. */
  begin(port: GuestPort, irq: number): boolean;
  /** Call it last in a handler, after the devices let go of the line: end of interrupt. */
  end(port: GuestPort, irq: number): void;
  /** Does it still hold what was written? After a reset of the machine it does not. */
  intact(port: GuestPort): boolean;
}
