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

/** What an IOAPIC tells whoever watches it; null is nobody. */
export interface IoApicEvents {
  /** The entry of `pin`, in both halves, sends its interrupt. */
  sent(pin: number, low: number, high: number): void;
  /** The lower half of an entry was written. */
  entryWritten(pin: number): void;
}

/** What a local APIC tells whoever watches it; null is nobody. */
export interface LocalApicEvents {
  /** SVR was written; `enabled`: software has the APIC on. */
  switched(enabled: boolean): void;
  /** A message came while the APIC was off: it is lost. */
  lost(data: number): void;
  /** The timer got a count, and will raise `vector`; -1 is none. */
  timerStarted(vector: number): void;
}

/** What a real-time clock tells whoever watches it; null is nobody. */
export interface RtcEvents {
  /** Port 70 was written. */
  indexed(value: number): void;
  /** A byte of the time, 0 to 9, was read; `updating`: an update was under way, or is due within 244 µs. */
  timeRead(index: number, updating: boolean): void;
  /** A byte of the time was written; `held`: the clock did not count meanwhile. */
  timeWritten(index: number, held: boolean): void;
  /** REGISTER_B was written; `held`: SET holds the time. */
  controlled(held: boolean): void;
}

/** What an 8254 tells whoever watches it; null is nobody. */
export interface PitEvents {
  /** A byte of a count was read; `whole`: of one that takes two reads; `latched`, or of a counter that stands. */
  counted(counter: number, whole: boolean, latched: boolean): void;
  /** A control word or a command came for a counter of which one byte was read, or written, and the other was not. */
  commanded(counter: number, halfRead: boolean, halfWritten: boolean): void;
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

/** What interrupt lines tell of those that a CPU takes; null is nobody. */
export interface LineEvents {
  /** The 8259 pair gave the CPU `vector` for line `irq`. `again`: it did so the last time, and the line never fell since. */
  taken(irq: number, vector: number, again: boolean): void;
  /** The CPU was reset. */
  reset(): void;
}
