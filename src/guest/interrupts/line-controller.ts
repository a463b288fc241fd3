export type Trigger = 'edge' | 'level';

/** What brings the sixteen interrupt lines to the CPU: the 8259A pair, or an I/O APIC. */
export interface LineController {
  /** The CPU vector of line `irq`, 0 to 15. */
  vectorOf(irq: number): number;
  /** Lets the line through. */
  open(irq: number, trigger: Trigger): void;
  /** Masks the line. */
  close(irq: number): void;
  /** First thing in a handler: false when no line was behind the interrupt and nobody is to be called. */
  begin(irq: number): boolean;
  /** Last thing in a handler, when the devices have been silenced: end of interrupt. */
  end(irq: number): void;
  /** Does it still hold what was written? After a reset of the machine it does not. */
  intact(): boolean;
}
