import { LVT, LVT_NAMES } from './registers/local-apic.ts';

const { VECTOR, MASK, DELMOD, TIMER_MODE } = LVT.mask;
const { TIMER_MODE: TIMER_MODE_AT } = LVT.shift;
/** LINT0 after firmware, and the fields that make it a virtual wire. */
const EXTINT_OPEN = LVT.encode({ DELMOD: 7 });
const ENTRIES = LVT_NAMES.length;

/** An entry's index in the table. */
const placeOf = (name: (typeof LVT_NAMES)[number]) => LVT_NAMES.indexOf(name);
export const TIMER = placeOf('TIMER');
const LINT0 = placeOf('LINT0');
export const ERROR = placeOf('ERROR');

/**
 * The local interrupts of an APIC and those at its pins.
 * Source: Intel SDM volume 3, Local Vector Table.
 */
export class LocalVectorTable {
  private readonly entries = new Uint32Array(ENTRIES);

  /** TIMER_MODE of the timer's entry. */
  get timerMode(): number {
    return (this.entries[TIMER]! & TIMER_MODE) >> TIMER_MODE_AT;
  }

  /** Whether LINT0 passes the 8259 pair's INTR. */
  get isVirtualWire(): boolean {
    return (this.entries[LINT0]! & (MASK | DELMOD)) === EXTINT_OPEN;
  }

  /** The vector of an unmasked fixed entry, or -1. */
  vector(entry: number): number {
    const local = this.entries[entry]!;
    return (local & (MASK | DELMOD)) === 0 ? local & VECTOR : -1;
  }

  /** The vector of an entry that is masked, or -1. */
  maskedVector(entry: number): number {
    const local = this.entries[entry]!;
    return (local & MASK) === 0 ? -1 : local & VECTOR;
  }

  /** 0 for an entry that does not exist. */
  read(entry: number): number {
    return this.entries[entry] ?? 0;
  }

  /** A nonexistent entry ignores writes. While the APIC is disabled, MASK stays set. */
  write(entry: number, value: number, enabled: boolean): void {
    this.entries[entry] = LVT.write(0, value) | (enabled ? 0 : MASK);
  }

  /** The APIC is disabled. */
  mask(): void {
    for (let i = 0; i < ENTRIES; i++) this.entries[i] = this.entries[i]! | MASK;
  }

  /** The state after firmware: a virtual wire, everything else masked. */
  reset(): void {
    this.entries.fill(LVT.reset);
    this.entries[LINT0] = EXTINT_OPEN;
  }
}
