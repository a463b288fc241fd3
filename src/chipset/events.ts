/** What an 8259A tells whoever watches it; null is nobody. */
export interface PicEvents {
  /** OCW1 was written; the ICWs are 0 until they are written. */
  masked(ocw1: number, icw1: number, icw3: number, icw4: number): void;
}

/** What a CPU tells of the interrupts that it takes; null is nobody. */
export interface InterruptEvents {
  /** An interrupt was taken; the guest has no handler and the `firmware` serves it, or it is the guest's. */
  taken(vector: number, firmware: boolean): void;
  /** The handler of `vector` returned; without `ended` the controller still waits for an EOI. */
  returned(vector: number, ended: boolean): void;
  /** The CPU was reset. */
  reset(): void;
}

/** What interrupt lines tell of those that a CPU takes; null is nobody. */
export interface LineEvents {
  /** The 8259 pair gave the CPU `vector` for line `irq`. `again`: it did so the last time, and the line never fell since. */
  taken(irq: number, vector: number, again: boolean): void;
  /** The CPU was reset. */
  reset(): void;
}
