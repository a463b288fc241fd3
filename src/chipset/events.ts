/** What an 8259A tells whoever watches it; null is nobody. */
export interface PicEvents {
  /** OCW1 was written; the ICWs are 0 until they are written. */
  masked(ocw1: number, icw1: number, icw3: number, icw4: number): void;
  /** The INTA cycle put `level` in service, or nothing, which is -1; ELCR has it follow its pin. */
  acknowledged(level: number, followsPin: boolean): void;
  /** OCW2 or OCW3 was written while the chip waited for ICW `expects`; 0 is none. */
  commanded(expects: number): void;
  /** An EOI came while the levels of `inService` were, and ended `level`; -1 is none. */
  ended(level: number, specific: boolean, inService: number): void;
}

/** What a PCI interrupt router tells whoever watches it; null is nobody. */
export interface RouterEvents {
  /** PIRQRC of a link, 0 to 3, was written; it now drives `irq`, or null. */
  routed(link: number, control: number, irq: number | null): void;
}

/** What a CPU tells of the interrupts that it takes; null is nobody. */
export interface InterruptEvents {
  /** An interrupt was taken; the guest has no handler and the `firmware` serves it, or it is the guest's. */
  taken(vector: number, firmware: boolean): void;
  /**
   * The handler of `vector` returned; without `ended` the controller still waits for an EOI. `edge` is the
   * edge-triggered line that it came by, or -1; `high`, if it is still up, so that no further edge can come.
   */
  returned(vector: number, ended: boolean, edge: number, high: boolean): void;
  /** The CPU was reset. */
  reset(): void;
}
