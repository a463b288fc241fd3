import { Clock } from '../core/clock.ts';
import { GuestMemory } from '../core/memory.ts';
import { Random } from '../core/random.ts';
import { Kvm, type KvmPlan } from './kvm.ts';

/** For tests: where a structure is. */
export const AT = 0x2000;
export const SECOND = 1_000_000_000;
/** All features. */
export const ALL = 0x0103_7eff;

const PLAN: KvmPlan = {
  vcpus: 2,
  cpuid: { eax: 0x0083_0f10, edx: 0 },
  tscKHz: 2_300_000,
  features: 0x0100_00a8,
  hints: 0,
  enforce: false,
  leaf: 0x4000_0000,
  oldLeaf: false,
  stable: true,
  uptime: 4 * SECOND,
  updateTime: 0,
};

/** For tests: a KVM with two processors, 64 KiB, and what interrupts it sent. */
export function made(plan: Partial<KvmPlan> = {}) {
  const clock = new Clock();
  clock.dated = { secondsSince1970: 1_600_000_000, at: 0 };
  const memory = GuestMemory.of(1 << 16);
  const sent: number[][] = [];
  const messages = { deliver: (_: unknown, address: number, data: number) => sent.push([address, data]) };
  const kvm = new Kvm({ clock, memory, messages, random: new Random(1) }, { ...PLAN, ...plan });
  const view = new DataView(memory.slice(0, 1 << 16)!.buffer, memory.slice(0, 1 << 16)!.byteOffset);
  return { clock, memory, kvm, cpu: kvm.vcpus[0]!, other: kvm.vcpus[1]!, view, sent };
}

/** The page as Documentation/virt/kvm/x86/msr.rst has it, read with wide integers. */
export function clockAt(view: DataView, at = AT) {
  return {
    version: view.getUint32(at, true),
    tsc: view.getBigUint64(at + 8, true),
    time: view.getBigUint64(at + 16, true),
    mul: view.getUint32(at + 24, true),
    shift: view.getInt8(at + 28),
    flags: view.getUint8(at + 29),
  };
}

/** The time as the same text computes it. */
export function timeBy(view: DataView, tsc: bigint): bigint {
  const { tsc: then, time, mul, shift } = clockAt(view);
  const ticks = shift < 0 ? (tsc - then) >> BigInt(-shift) : (tsc - then) << BigInt(shift);
  return ((ticks * BigInt(mul)) >> 32n) + time;
}

/** The TSC, as one integer. */
export const tscOf = (cpu: { rdtsc(): void; eax: number; edx: number }) => {
  cpu.rdtsc();
  return (BigInt(cpu.edx) << 32n) | BigInt(cpu.eax);
};
