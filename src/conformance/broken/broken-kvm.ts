import type { DriverMemory, GuestPort } from '../../core/guest-port.ts';
import type { Processor } from '../../core/processor.ts';
import { KvmGuest } from '../../guest/drivers/kvm.ts';
import * as reg from '../../kvm/registers.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { Machine } from '../../machine/machine.ts';
import type { ClauseId } from '../../rules/index.ts';
import { behind, behindMemory } from './behind.ts';
import type { BrokenDriver } from './broken-driver.ts';

const F = reg.FEATURES.mask;
/** All that guests here use, and both pairs of MSRs. */
export const KVM_FEATURES = (0x0103_7eff & ~F.ASYNC_PF_VMEXIT & ~F.PV_SEND_IPI) >>> 0;
const MILLISECOND = 1_000_000;
/** Virtual nanoseconds for which a clock is being written. */
const LONG = 50_000;

/** Instructions replaced; `to` is the processor that is really there. */
interface Changes {
  readonly cpuid?: (leaf: number) => readonly [number, number, number, number] | null;
  /** The number and the value instead; null: the write is dropped. */
  readonly wrmsr?: (
    index: number,
    low: number,
    high: number,
    vcpu: number,
  ) => readonly [number, number, number] | null;
}

/** Processors with some instructions of their own. */
export function changed(port: GuestPort, { cpuid, wrmsr }: Changes): readonly Processor[] {
  return port.processors!.map((to, vcpu): Processor => {
    let own: readonly [number, number, number, number] | null = null;
    return {
      get eax() {
        return own?.[0] ?? to.eax;
      },
      get ebx() {
        return own?.[1] ?? to.ebx;
      },
      get ecx() {
        return own?.[2] ?? to.ecx;
      },
      get edx() {
        return own?.[3] ?? to.edx;
      },
      cpuid: (leaf, subleaf) => {
        own = cpuid?.(leaf) ?? null;
        if (own === null) to.cpuid(leaf, subleaf);
      },
      rdmsr: (index) => to.rdmsr(index),
      wrmsr: (index, low, high) => {
        const written = wrmsr === undefined ? [index, low, high] : wrmsr(index, low, high, vcpu);
        return written === null || to.wrmsr(written[0]!, written[1]!, written[2]!);
      },
      rdtsc: () => {
        own = null;
        to.rdtsc();
      },
      vmcall: (number, rbx, rcx, rdx, rsi) => to.vmcall(number, rbx, rcx, rdx, rsi),
    };
  });
}

/** A guest that shares everything, and where: by the number of the MSR, of its first processor. */
export interface Sharing {
  readonly guest: KvmGuest;
  readonly port: GuestPort;
  readonly machine: Machine;
  at(index: number): number;
}

export type Mistake = (port: GuestPort) => Partial<GuestPort>;

/** The good guest behind a port that makes a mistake for it, and then used. */
export function brokenKvm(
  name: string,
  clause: ClauseId,
  mistake: Mistake,
  use: (sharing: Sharing) => void = ({ guest }) => void guest.time(),
): BrokenDriver {
  const run = (port: GuestPort, _handles: unknown, machine: Machine) => {
    const places = new Map<number, number>();
    const noted = behind(port, {
      processors: changed(port, {
        wrmsr: (index, low, high, vcpu) => {
          if (vcpu === 0 && low !== 0) places.set(index, (low & ~1) >>> 0);
          return [index, low, high];
        },
      }),
    });
    const guest = KvmGuest.open(behind(noted, mistake(noted)))!;
    use({ guest, port, machine, at: (index) => places.get(index)! });
    port.wait(() => false, MILLISECOND);
  };
  return {
    clause,
    machine: () => gceN1({ vcpus: 2, kvm: { features: KVM_FEATURES, updateTime: LONG } }),
    model: { name, drivers: [], run },
  };
}

export const NOTHING: Mistake = () => ({});
export const cpu =
  (changes: Changes): Mistake =>
  (port) => ({ processors: changed(port, changes) });
export const memory =
  (change: (memory: DriverMemory) => Partial<DriverMemory>): Mistake =>
  ({ memory: good }) => ({
    memory: { ...behindMemory(good), ...change(good) },
  });
export const writes =
  (of: number, instead: (low: number, vcpu: number) => number | null): NonNullable<Changes['wrmsr']> =>
  (index, low, high, vcpu) => {
    const value = index === of ? instead(low, vcpu) : low;
    return value === null ? null : [index, value >>> 0, high];
  };
