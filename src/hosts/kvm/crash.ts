import type { AccessRecord } from '../../core/access.ts';
import type { Registers, SystemRegisters } from './vcpu.ts';

/** The state of a guest whose processor cannot go on. */
export interface KvmCrash {
  /** Null for a triple fault; else what KVM could not do, in words. */
  readonly unable: string | null;
  /** Of the instruction that it did not finish: CS, and RIP as 16 hexadecimal digits, as the registers below are. */
  readonly cs: number;
  readonly rip: string;
  readonly rsp: string;
  readonly rflags: string;
  readonly cr0: string;
  readonly cr2: string;
  readonly cr3: string;
  readonly cr4: string;
  readonly efer: string;
  /** The guest's last accesses to ports and to device memory, oldest first; none where the machine is not judged. */
  readonly accesses: readonly AccessRecord[];
}

export function crashOf(
  unable: string | null,
  registers: Registers & SystemRegisters,
  accesses: readonly AccessRecord[],
): KvmCrash {
  const { cs, rip, rsp, rflags, cr0, cr2, cr3, cr4, efer } = registers;
  const of64 = { rip, rsp, rflags, cr0, cr2, cr3, cr4, efer };
  const digits = Object.fromEntries(
    Object.entries(of64).map(([name, value]) => [name, digitsOf(value)]),
  ) as Readonly<Record<keyof typeof of64, string>>;
  return { unable, cs, ...digits, accesses };
}

/** How a processor addresses code: CR0.PE, RFLAGS.VM, CR0.PG, CR4.PAE and EFER.LMA together. */
export type KvmMode = 'real' | 'virtual 8086' | 'protected' | 'paged' | 'PAE' | 'long';

/** The position of a guest's processor, and whether it executes. */
export interface KvmWhere {
  /** The selector; in real mode the segment. */
  readonly cs: number;
  /** Of the next instruction, as 16 hexadecimal digits. */
  readonly rip: string;
  readonly mode: KvmMode;
  /** It waits for an interrupt (`hlt`). */
  readonly halted: boolean;
  /** RFLAGS.IF: it takes interrupts. */
  readonly interrupts: boolean;
}

const PE = 0x1n;
const PG = 0x8000_0000n;
const PAE = 0x20n;
const LMA = 0x400n;
const VM = 0x2_0000n;
const IF = 0x200n;

export function whereIs(registers: Registers & SystemRegisters, halted: boolean): KvmWhere {
  const { cs, rip, rflags } = registers;
  const mode = modeOf(registers);
  return { cs, rip: digitsOf(rip), mode, halted, interrupts: (rflags & IF) !== 0n };
}

/** Of 64 bits. */
function digitsOf(value: bigint): string {
  return value.toString(16).padStart(16, '0');
}

function modeOf({ cr0, cr4, efer, rflags }: Registers & SystemRegisters): KvmMode {
  if ((cr0 & PE) === 0n) return 'real';
  if ((efer & LMA) !== 0n) return 'long';
  if ((rflags & VM) !== 0n) return 'virtual 8086';
  if ((cr0 & PG) === 0n) return 'protected';
  return (cr4 & PAE) === 0n ? 'paged' : 'PAE';
}
