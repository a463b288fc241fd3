import type { Nanos } from '../core/bits.ts';
import type { EventTable } from '../core/compose.ts';

/** What an 8259A reports to its watcher; null for no watcher. */
export interface PicEvents {
  /** OCW1 was written; the ICWs are 0 until they are written. */
  masked(ocw1: number, icw1: number, icw3: number, icw4: number): void;
  /** ICW1 was written: the others follow. */
  began(): void;
  /** The last ICW that ICW1 promises was written; no line is masked now. */
  initialised(icw1: number, icw2: number, icw3: number, icw4: number): void;
  /** The INTA cycle put `level` in service, or -1 for none; `followsPin`: level-triggered by ELCR. */
  acknowledged(level: number, followsPin: boolean): void;
  /** OCW2 or OCW3 was written while the chip waited for ICW `expects`; 0 for none. */
  commanded(expects: number): void;
  /** An EOI came while the levels `inService` were in service, and ended `level`; -1 for none. */
  ended(level: number, specific: boolean, inService: number): void;
}

/** What a PCI interrupt router reports to its watcher; null for no watcher. */
export interface RouterEvents {
  /** PIRQRC of a link, 0 to 3, was written; it now drives `irq`, or null. */
  routed(link: number, control: number, irq: number | null): void;
}

/** What an IOAPIC reports to its watcher; null for no watcher. */
export interface IoApicEvents {
  /** The entry of `pin`, in two halves, sends its interrupt. */
  sent(pin: number, low: number, high: number): void;
  /** The lower half of an entry was written with `value`; its upper half was. */
  entryWritten(pin: number, value: number): void;
  upperWritten(pin: number, value: number): void;
  /** A write of fewer than four bytes, which is lost; or one to an index that no register has. */
  lost(width: number, index: number): void;
}

/** What a local APIC reports to its watcher; null for no watcher. */
export interface LocalApicEvents {
  /** SVR was written; `enabled`: the APIC is software-enabled. */
  switched(enabled: boolean, vector: number): void;
  /** A write of `width` bytes at `offset`, fewer than four, is lost. */
  narrow(offset: number, width: number): void;
  /** An entry of the local vector table was written; `kept`: it stays masked, since the APIC is off. */
  localWritten(kept: boolean): void;
  /** EOI was written, and ended `vector`; -1 for none, where nothing was in service. */
  ended(vector: number): void;
  /** A message came while the APIC was off: it is lost. */
  lost(data: number): void;
  /** The timer's count was written, in that TIMER_MODE; it will raise `vector`; -1 for none. */
  timerStarted(vector: number, mode: number): void;
  /** The divide configuration was written. */
  timerDivided(value: number): void;
  /** ICR_LOW was written, and ICR_HIGH has `high`. */
  commanded(low: number, high: number): void;
}

/** What a real-time clock reports to its watcher; null for no watcher. */
export interface RtcEvents {
  /** Port 70 was written. */
  indexed(value: number): void;
  /** A byte of the time, 0 to 9, was read; `updating`: an update was in progress, or due within 244 µs; `updates`: those before. */
  timeRead(index: number, updating: boolean, updates: number): void;
  /** A byte of the time was written; `held`: the clock was stopped. */
  timeWritten(index: number, held: boolean, value: number): void;
  /** A byte of the alarm was written. */
  alarmWritten(index: number, value: number): void;
  /** REGISTER_A or REGISTER_B was written; `held`: SET or the divider stops the clock. What they have now, and B had before. */
  controlled(held: boolean, a: number, b: number, before: number): void;
  /** IRQ 8 may have changed: it is high, or low. */
  driven(high: boolean): void;
}

/** What an 8254 reports to its watcher; null for no watcher. */
export interface PitEvents {
  /** The output of counter 2 was read; `stalled`: it has a count, which it did not begin, for its gate is off. */
  outputRead(stalled: boolean): void;
  /** A byte of a count was read; `whole`: of a two-byte count; `latched`, or of a stopped counter. */
  counted(counter: number, whole: boolean, latched: boolean): void;
  /**
   * A byte of a count was written; `half`: the other is to follow, or `count` is complete for a counter in `mode`.
   * `undecimal`: it counts in BCD, and was given a digit above 9. `whole`: of a two-byte count.
   */
  written(
    counter: number,
    half: boolean,
    mode: number,
    count: number,
    undecimal: boolean,
    whole: boolean,
  ): void;
  /**
   * A control word or command came for a counter of which only one byte of two was read or written; `unread`: it is a latch, and
   * nothing of the count was read that was latched before.
   */
  commanded(counter: number, halfRead: boolean, halfWritten: boolean, unread: boolean): void;
  /** A control word selected `mode` of a counter, which has no count now. */
  controlled(counter: number, mode: number): void;
}

/** What a CPU reports of the interrupts that it takes; null for no watcher. */
export interface InterruptEvents {
  /** An interrupt was taken: `handled` if the guest has a handler, `firmware` if it has none and the firmware serves it. */
  taken(vector: number, handled: boolean, firmware: boolean): void;
  /**
   * The handler of `vector` returned; without `ended` the controller still waits for an EOI. `edge` is its edge-triggered
   * line, or -1; `high` if that is still high, so that no further edge can come.
   */
  returned(vector: number, ended: boolean, edge: number, high: boolean): void;
  /** The guest waited for so long, and did not see what it waited for; `isQuiet`: it took no interrupt meanwhile. */
  waitedInVain(time: Nanos, isQuiet: boolean): void;
  /** The CPU was reset. */
  reset(): void;
}

export const INTERRUPT_EVENTS = {
  taken: 3,
  returned: 4,
  waitedInVain: 2,
  reset: 0,
} as const satisfies EventTable<InterruptEvents>;

/** What interrupt lines report of interrupts that a CPU takes; null for no watcher. */
export interface LineEvents {
  /** The 8259 pair gave the CPU `vector` for line `irq`. `again`: as the last time, and the line has not fallen since. */
  taken(irq: number, vector: number, again: boolean): void;
  /** The CPU was reset. */
  reset(): void;
}

/** What a keyboard controller reports to its watcher; null for no watcher. */
export interface I8042Events {
  /** Port 64 was read. */
  asked(): void;
  /** Port 60 was read; `empty`: it had no byte. */
  taken(empty: boolean): void;
  /** Port 60 or 64 was written; `missing`: the command whose byte did not come before another command, -1 for none. */
  written(missing: number): void;
  /** A byte was written for the keyboard or the mouse; `unread`: an answer of it waits. */
  sent(unread: boolean): void;
  /** A command was written that takes a byte. */
  begun(command: number): void;
  /** The controller answered; `lost`: its answer before that was not read, -1 for none. */
  answered(lost: number): void;
}

/** What the power management ports report to their watcher; null for no watcher. */
export interface PmEvents {
  /** PMTMR was read by an access of `width` bytes. */
  timed(width: number): void;
  /** APMC was written; `known`: it turns ACPI on or off, or the guest has SMIs raised by it. */
  commanded(command: number, known: boolean): void;
  /** All of PMSTS was written with `value`, and was `status`. */
  statusWritten(value: number, status: number): void;
  /** SUS_EN was written, with that SUS_TYP. */
  slept(type: number): void;
  /** An event came that PMEN or GPEN enables; without `heard` SCI_EN keeps its interrupt back. */
  raised(heard: boolean): void;
  /** A port was accessed that no device answers, and `written` with this; -1 is a read. */
  missed(port: number, written: number): void;
}
