import type { GuestPort } from '../../core/guest-port.ts';

export type Trigger = 'edge' | 'level';

/**
 * Controller of the sixteen interrupt lines: the 8259A pair, or an I/O APIC. Each driver accesses it through its own
 * port.
 */
export interface LineController {
  /** The CPU vector of line `irq`, 0 to 15. */
  vectorOf(irq: number): number;
  /** Unmasks the line. */
  open(port: GuestPort, irq: number, trigger: Trigger): void;
  /** Masks the line. */
  close(port: GuestPort, irq: number): void;
  /** Call it first in a handler. False for a spurious interrupt: no device interrupted, so call no handlers. */
  begin(port: GuestPort, irq: number): boolean;
  /** Call it last in a handler, after the devices released the line: end of interrupt. */
  end(port: GuestPort, irq: number): void;
  /** Whether it still has its setup. After a reset of the machine it does not. */
  intact(port: GuestPort): boolean;
}
