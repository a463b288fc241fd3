import type { AccessRecord } from '../../core/access.ts';
import type { Registers, SystemRegisters } from './vcpu.ts';
import { digitsOf } from './where.ts';

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
