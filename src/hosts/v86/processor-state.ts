import { PLACE } from './emulator.ts';
import type { SharedMemory } from './memory.ts';

/** How a processor addresses code: CR0.PE, EFLAGS.VM, CR0.PG and CR4.PAE together. */
export type GuestMode = 'real' | 'virtual 8086' | 'protected' | 'paged' | 'PAE';

/** The position of a guest's processor, and whether it executes. */
export interface GuestWhere {
  /** The selector; in real mode the segment. */
  readonly cs: number;
  /** Of the next instruction; after a crash, of the one that was never finished. */
  readonly eip: number;
  readonly mode: GuestMode;
  /** It waits for an interrupt (`hlt`). */
  readonly halted: boolean;
  /** EFLAGS.IF: it takes interrupts. */
  readonly interrupts: boolean;
}

/** Further state of the processor in a crash report. */
export interface GuestRegisters {
  readonly esp: number;
  readonly eflags: number;
  readonly cr0: number;
  readonly cr2: number;
  readonly cr3: number;
  readonly cr4: number;
  /** What LIDT loaded: the linear address of the table, and its limit. */
  readonly idt: { readonly base: number; readonly limit: number };
}

const PE = 0x1;
const PG = 0x8000_0000;
const PAE = 0x20;
const VM = 0x2_0000;
const IF = 0x200;

/** @param at the instruction: the next one, or the one that was begun last. */
export function whereIs(shared: SharedMemory, at: 'instruction_pointer' | 'previous_ip'): GuestWhere {
  return {
    cs: shared.word(PLACE.cs) & 0xffff,
    eip: (shared.word(PLACE[at]) - shared.word(PLACE.cs_base)) >>> 0,
    mode: modeOf(shared),
    halted: shared.halted,
    interrupts: (shared.word(PLACE.flags) & IF) !== 0,
  };
}

/** @param eflags as v86 computes them; the stored ones are older. */
export function registersOf(shared: SharedMemory, eflags: number): GuestRegisters {
  return {
    esp: shared.word(PLACE.esp),
    eflags,
    cr0: shared.word(PLACE.cr0),
    cr2: shared.word(PLACE.cr2),
    cr3: shared.word(PLACE.cr3),
    cr4: shared.word(PLACE.cr4),
    idt: { base: shared.word(PLACE.idtr_base), limit: shared.word(PLACE.idtr_limit) },
  };
}

function modeOf(shared: SharedMemory): GuestMode {
  const cr0 = shared.word(PLACE.cr0);
  if ((cr0 & PE) === 0) return 'real';
  if ((shared.word(PLACE.flags) & VM) !== 0) return 'virtual 8086';
  if ((cr0 & PG) === 0) return 'protected';
  return (shared.word(PLACE.cr4) & PAE) === 0 ? 'paged' : 'PAE';
}
