import { readFileSync } from 'node:fs';
import type { KvmFacts } from './gate.ts';
import { KvmSystem } from './system.ts';
import type { Vcpu } from './vcpu.ts';
import { VirtualMachine } from './virtual-machine.ts';

/** In milliseconds: how long the loop is timed once. */
const TIMED = 4;
/** The fastest counts: a busy host is no slow processor. */
const TIMES = 5;
const PAGE = 4096;
/** `dec ecx; jnz` back to it, in real mode. */
const LOOP = [0x66, 0x49, 0x75, 0xfc];
const INSTRUCTIONS = 2;
/** From 0 down ECX goes all the way round. */
const ROUND = 2n ** 32n;

/** How long a KVM processor takes for an instruction of a kernel, in nanoseconds. */
function nanosPerInstruction(system: KvmSystem): number {
  const machine = new VirtualMachine(system);
  const mapped = system.mappings.fresh(PAGE)!;
  mapped.bytes.set(LOOP);
  machine.addRam({ base: 0, size: PAGE, mapped, offset: 0 });
  const vcpu = machine.addVcpu();
  try {
    vcpu.startAt(0, 0);
    return Math.min(...Array.from({ length: TIMES }, () => timed(vcpu)));
  } finally {
    vcpu.close();
    machine.close();
  }
}

function timed(vcpu: Vcpu): number {
  const left = countOf(vcpu);
  const begun = performance.now();
  vcpu.within(begun, TIMED);
  vcpu.run();
  const took = performance.now() - begun;
  return (took * 1e6) / (Number((left - countOf(vcpu) + ROUND) % ROUND) * INSTRUCTIONS);
}

function countOf(vcpu: Vcpu): bigint {
  return vcpu.registers().rcx;
}

/** The abilities of this system. `system` is KVM, open; null if it cannot be opened. */
export async function kvmFacts(): Promise<{ readonly facts: KvmFacts; readonly system: KvmSystem | null }> {
  const { platform, arch } = process;
  const there = { platform, arch, virtualizes: virtualizes() };
  if (platform !== 'linux' || arch !== 'x64')
    return { facts: { ...there, device: 'unasked', nanosPerInstruction: () => Number.NaN }, system: null };
  const opened = await open();
  if (typeof opened === 'string')
    return { facts: { ...there, device: opened, nanosPerInstruction: () => Number.NaN }, system: null };
  return {
    facts: { ...there, device: 'opens', nanosPerInstruction: () => nanosPerInstruction(opened) },
    system: opened,
  };
}

async function open(): Promise<KvmSystem | string> {
  try {
    return await KvmSystem.open();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return code;
  }
}

function virtualizes(): boolean {
  try {
    return /^flags\s*:.*\b(svm|vmx)\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return false;
  }
}
