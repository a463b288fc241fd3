import type { IoApic } from '../chipset/ioapic.ts';
import type { LocalApic } from '../chipset/local-apic.ts';
import type { Pic8259Pair } from '../chipset/pic8259-pair.ts';
import { IOREDTBL_LOW } from '../chipset/registers/ioapic.ts';
import { hex } from '../core/bits.ts';

const { VECTOR, DELMOD } = IOREDTBL_LOW.mask;
const { DELMOD: DELMOD_AT } = IOREDTBL_LOW.shift;
const LOWEST_PRIORITY = 1;
const MODES = ['fixed', 'lowest priority', 'SMI', 'mode 3', 'NMI', 'INIT', 'mode 6', 'ExtINT'] as const;
const ISA_LINES = 16;
const [TIMER, CASCADE] = [0, 2];
/** Spurious interrupts come by them, and need a handler though the line is masked. */
const SPURIOUS: readonly number[] = [7, 15];

/** An interrupt that does not reach the processor: its vector, and what keeps it back, in words. */
export interface Unheard {
  readonly vector: number;
  readonly said: string;
}

interface Controllers {
  readonly pic: Pic8259Pair;
  readonly ioapic: IoApic;
  readonly apic: LocalApic;
  /** The IOAPIC's pin of IRQ 0. */
  readonly timerPin: number;
}

type Handles = (vector: number) => boolean;

/** What a device with something to tell has off, in words; null for nothing. */
type Silence = (irq: number) => string | null;

/** What keeps interrupts back before they are requested, and behind the controllers. */
export interface Around {
  readonly silence: Silence;
  /** The interrupt flag was never set. */
  readonly isOff: boolean;
  /** Interrupts come: that of a timer which does not may be one that the guest does not use. */
  readonly isTicking: boolean;
}

/**
 * What keeps back an interrupt that is requested and for which the guest has a handler; null for nothing.
 *
 * @param handles whether a vector has a handler that was never called.
 */
export function unheardAt(controllers: Controllers, handles: Handles, around: Around): Unheard | null {
  for (let irq = around.isTicking ? TIMER + 1 : TIMER; irq < ISA_LINES; irq++) {
    const held =
      irq === CASCADE
        ? null
        : controllers.pic.requests(irq)
          ? (lineAt(controllers, irq, handles) ?? offAt(controllers, irq, handles, around))
          : silentAt(controllers, irq, handles, around);
    if (held !== null) return held;
  }
  const atCascade = timerAtCascade(controllers, handles);
  if (atCascade !== null || around.isTicking) return atCascade;
  return controllers.apic.heldBack(handles, around.isOff);
}

/** It is open all the way, but for the processor. */
function offAt({ pic }: Controllers, irq: number, handles: Handles, { isOff }: Around): Unheard | null {
  const vector = pic.vectorOf(irq);
  if (!isOff || pic.maskedAt(irq) !== null || !handles(vector)) return null;
  return {
    vector,
    said: `IRQ ${irq} is requested and open, and the processor's interrupt flag was never set`,
  };
}

/** It is open all the way, and its device does not raise it. */
function silentAt(
  controllers: Controllers,
  irq: number,
  handles: Handles,
  { silence }: Around,
): Unheard | null {
  const { pic, ioapic } = controllers;
  const pin = pinOf(controllers, irq);
  const vector = ioapic.isOpen(pin) ? ioapic.entry(pin) & VECTOR : pic.vectorOf(irq);
  if ((!ioapic.isOpen(pin) && pic.maskedAt(irq) !== null) || !handles(vector)) return null;
  const said = silence(irq);
  return said === null ? null : { vector, said };
}

function lineAt(controllers: Controllers, irq: number, handles: Handles): Unheard | null {
  const { pic, ioapic, apic } = controllers;
  const pin = pinOf(controllers, irq);
  const masked = pic.maskedAt(irq);
  const entry = ioapic.entry(pin);
  const byPin = entry & VECTOR;
  const vector = pic.vectorOf(irq);
  const mode = (entry & DELMOD) >> DELMOD_AT;
  if (ioapic.isOpen(pin))
    return handles(byPin) && mode > LOWEST_PRIORITY
      ? {
          vector: byPin,
          said: `pin ${pin} of the IOAPIC sends IRQ ${irq} as ${MODES[mode]}, without vector ${hex(byPin, 2)}`,
        }
      : null;
  if (masked === null)
    return handles(vector) && !apic.isVirtualWire
      ? {
          vector,
          said: `IRQ ${irq} comes by the 8259A pair, and LINT0 of the local APIC is masked or no ExtINT`,
        }
      : null;
  const isMeant = (one: number, isOther: (irq: number) => boolean) =>
    handles(one) && !hasOthers(irq, isOther);
  if (isMeant(vector, (other) => handles(pic.vectorOf(other)) && pic.maskedAt(other) !== null))
    return {
      vector,
      said: `IRQ ${irq} is requested, and masked at ${masked} and at pin ${pin} of the IOAPIC`,
    };
  if (isMeant(byPin, (other) => isHeldEntry(controllers, other, handles)))
    return {
      vector: byPin,
      said: `IRQ ${irq} is requested, and the entry ${hex(entry, 8)} of pin ${pin} has MASK set`,
    };
  return null;
}

/** A driver with handlers for lines that it leaves masked has them for whatever may come. */
function hasOthers(irq: number, isOther: (irq: number) => boolean): boolean {
  for (let other = 0; other < ISA_LINES; other++)
    if (other !== irq && other !== CASCADE && !SPURIOUS.includes(other) && isOther(other)) return true;
  return false;
}

function isHeldEntry(controllers: Controllers, irq: number, handles: Handles): boolean {
  const pin = pinOf(controllers, irq);
  const { ioapic } = controllers;
  return !ioapic.isOpen(pin) && handles(ioapic.entry(pin) & VECTOR);
}

/** Other boards have the timer at pin 2. */
function timerAtCascade({ pic, ioapic, timerPin }: Controllers, handles: Handles): Unheard | null {
  if (timerPin === CASCADE || ioapic.isOpen(timerPin) || !pic.requests(TIMER) || pic.maskedAt(TIMER) === null)
    return null;
  const vector = ioapic.entry(CASCADE) & VECTOR;
  if (!ioapic.isOpen(CASCADE) || !handles(vector)) return null;
  return {
    vector,
    said: `IRQ 0 is requested, and its pin of the IOAPIC, ${timerPin}, is masked: nothing is at pin 2, which is open, for the MADT has no override`,
  };
}

function pinOf({ timerPin }: Controllers, irq: number): number {
  return irq === TIMER ? timerPin : irq;
}
