import { readFileSync } from 'node:fs';
import type { KvmFacts } from './gate.ts';
import { nanosPerInstruction } from './speed.ts';
import { KvmSystem } from './system.ts';

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
