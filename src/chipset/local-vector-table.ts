import { LVT, LVT_NAMES } from './registers/local-apic.ts';

const { VECTOR, MASK, DELMOD, TIMER_MODE } = LVT.mask;
const { TIMER_MODE: TIMER_MODE_AT } = LVT.shift;
/** LINT0 as firmware leaves it, and what makes it a virtual wire. */
const EXTINT_OPEN = LVT.encode({ DELMOD: 7 });
const ENTRIES = LVT_NAMES.length;

/** An entry's place in the table. */
const placeOf = (name: (typeof LVT_NAMES)[number]) => LVT_NAMES.indexOf(name);
export const TIMER = placeOf('TIMER');
const LINT0 = placeOf('LINT0');
export const ERROR = placeOf('ERROR');

/**
 * What an APIC makes of the interrupts that start in it and at its pins.
 * Source: Intel SDM volume 3, Local Vector Table.
 */
export class LocalVectorTable {
  private readonly entries = new Uint32Array(ENTRIES);

  /** TIMER_MODE of the timer's entry. */
  get timerMode(): number {
    return (this.entries[TIMER]! & TIMER_MODE) >> TIMER_MODE_AT;
  }

  /** LINT0 lets the 8259 pair's INTR through. */
  get isVirtualWire(): boolean {
    return (this.entries[LINT0]! & (MASK | DELMOD)) === EXTINT_OPEN;
  }

  /** The vector of an entry that is open and fixed, or -1. */
  vector(entry: number): number {
    const local = this.entries[entry]!;
    return (local & (MASK | DELMOD)) === 0 ? local & VECTOR : -1;
  }

  /** 0 for an entry that is not there. */
  read(entry: number): number {
    return this.entries[entry] ?? 0;
  }

  /** An entry that is not there takes nothing. While the APIC is disabled, MASK stays set. */
  write(entry: number, value: number, enabled: boolean): void {
    this.entries[entry] = LVT.write(0, value) | (enabled ? 0 : MASK);
  }

  /** The APIC is disabled. */
  mask(): void {
    for (let i = 0; i < ENTRIES; i++) this.entries[i] = this.entries[i]! | MASK;
  }

  /** As firmware leaves it: a virtual wire, all else masked. */
  reset(): void {
    this.entries.fill(LVT.reset);
    this.entries[LINT0] = EXTINT_OPEN;
  }
}
