import { hex } from '../core/bits.ts';
import type { KvmCrash } from '../hosts/kvm/index.ts';
import type { GuestCrash } from '../hosts/v86/index.ts';
import { accessText } from '../report/finding.ts';

/** Of a guest on either host. */
export type AnyCrash = GuestCrash | KvmCrash;

/** Exceptions by their vectors (Intel SDM 3A, table 6-1), those that v86 raises. */
const EXCEPTIONS: Readonly<Record<number, string>> = {
  0: 'divide error',
  3: 'breakpoint',
  6: 'invalid opcode',
  7: 'device not available',
  11: 'segment not present',
  12: 'stack fault',
  13: 'general protection fault',
  14: 'page fault',
};

/** A crash report, as lines. */
export function crashText(crash: AnyCrash): string {
  const { accesses } = crash;
  return [
    `The guest crashed: ${causeText(crash)}.`,
    ...('rip' in crash ? wideRegisters(crash) : registers(crash)),
    accesses.length > 0 ? '  Its last accesses:' : '  No access of its own came before.',
    ...accesses.map((access) => `    ${(access.at / 1000).toFixed(3)} µs  ${accessText(access)}`),
    '',
  ].join('\n');
}

function registers({ cs, eip, mode, esp, eflags, cr0, cr2, cr3, cr4, idt }: GuestCrash): string[] {
  return [
    `  CS:EIP ${hex(cs, 4)}:${hex(eip, 8)}  ESP ${hex(esp, 8)}  EFLAGS ${hex(eflags, 8)}  mode ${mode}`,
    `  CR0 ${hex(cr0, 8)}  CR2 ${hex(cr2, 8)}  CR3 ${hex(cr3, 8)}  CR4 ${hex(cr4, 8)}`,
    `  IDT ${hex(idt.base, 8)}, limit ${hex(idt.limit, 4)}`,
  ];
}

function wideRegisters({ cs, rip, rsp, rflags, cr0, cr2, cr3, cr4, efer }: KvmCrash): string[] {
  return [
    `  CS:RIP ${hex(cs, 4)}:${rip}  RSP ${rsp}  RFLAGS ${rflags}`,
    `  CR0 ${cr0}  CR2 ${cr2}  CR3 ${cr3}`,
    `  CR4 ${cr4}  EFER ${efer}`,
  ];
}

/** Why a guest crashed, without a full stop. */
export function causeText(crash: AnyCrash): string {
  const { unable } = crash;
  if (unable !== null) return `${'rip' in crash ? 'KVM' : 'v86'} cannot go on: ${unable}`;
  const fault = 'a fault while it took a fault, three times over';
  const vector = 'rip' in crash ? null : crash.vector;
  return vector === null ? fault : `${fault} (${EXCEPTIONS[vector]}, vector ${vector})`;
}
