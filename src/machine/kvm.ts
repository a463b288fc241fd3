import * as v from 'valibot';
import type { Nanos } from '../core/bits.ts';
import { checkWhole } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';
import type { Instruction, Processor } from '../core/processor.ts';
import type { Kvm, KvmPlan } from '../kvm/kvm.ts';
import { FEATURES, HYPERVISOR_LEAF, LEAF_STEP } from '../kvm/registers.ts';
import { KHZ_MOST } from '../kvm/time.ts';
import type { Vcpu } from '../kvm/vcpu.ts';
import type { MachinePlan } from './machine-plan.ts';
import { flag, object, whole } from './option-kinds.ts';
import type { MachinePort } from './port.ts';

const { CLOCKSOURCE2, STEAL_TIME, PV_UNHALT, CLOCKSOURCE_STABLE_BIT } = FEATURES.mask;
/** As Compute Engine's guests printed it; time is stolen from those alone that have more than one vCPU. */
const ONE_VCPU = (CLOCKSOURCE2 | PV_UNHALT | CLOCKSOURCE_STABLE_BIT) >>> 0;
const MORE_VCPUS = (ONE_VCPU | STEAL_TIME) >>> 0;
/** Between the 3.4 s and the 6.6 s that kernels found on their clocks. */
const UPTIME: Nanos = 4_000_000_000;
const word = whole(0, 0xffff_ffff);

export const kvm = object({
  /** The rate of the TSC, in kHz. Default 2300000, on gceC3 2700000. */
  tscKHz: v.optional(whole(1_000, KHZ_MOST)),
  /** EAX of CPUID 40000001h; the hypercalls of bits 11, 13 and 16 return -1000 even so. Default 010000a8h, with one vCPU 01000088h; on qemuPc 0. */
  features: v.optional(word),
  /** EDX of CPUID 40000001h. Default 0. */
  hints: v.optional(word),
  /** MSRs of features that are not offered raise a general protection fault, as KVM has it on request. Default false. */
  enforce: v.optional(flag),
  /** The first leaf of KVM, a multiple of 100h from 40000000h; leaves of another hypervisor then come before. Default 40000000h. */
  leaf: v.optional(
    v.pipe(
      word,
      v.check(
        (n) => n >= HYPERVISOR_LEAF && n <= 0x4000_ff00 && n % LEAF_STEP === 0,
        'a leaf from 40000000h to 4000ff00h, in steps of 100h',
      ),
    ),
  ),
  /** EAX of that leaf is 0, as with old hosts. Default false. */
  oldLeaf: v.optional(flag),
  /** The TSCs of all vCPUs agree, and flag bit 0 of each clock says so. Default true. */
  stable: v.optional(flag),
  /** Nanoseconds that the machine had run when its virtual time began: kernels find it on their clock. Default 4000000000. */
  uptime: v.optional(whole(0, 1e15)),
  /** Nanoseconds for which the version of a clock is odd while the host writes it anew. Default 0. */
  updateTime: v.optional(whole(0, 1e9)),
});

export function planKvm(
  given: v.InferOutput<typeof kvm> = {},
  { profile, vcpus, cpuid }: Pick<MachinePlan, 'profile' | 'vcpus' | 'cpuid'>,
): KvmPlan {
  return {
    vcpus,
    cpuid,
    tscKHz: given.tscKHz ?? profile.kvm.tscKHz,
    features: given.features ?? featuresOf(profile.kvm.offers, vcpus),
    hints: given.hints ?? 0,
    enforce: given.enforce ?? false,
    leaf: given.leaf ?? HYPERVISOR_LEAF,
    oldLeaf: given.oldLeaf ?? false,
    stable: given.stable ?? true,
    uptime: given.uptime ?? UPTIME,
    updateTime: given.updateTime ?? 0,
  };
}

function featuresOf(offers: boolean, vcpus: number): number {
  if (!offers) return 0;
  return vcpus > 1 ? MORE_VCPUS : ONE_VCPU;
}

/** RDTSC is executed often: nothing is allocated for it. */
const NO_WORDS: readonly number[] = [];

/** A processor that a guest in this process executes on: each instruction takes time. */
export class PortProcessor implements Processor {
  eax = 0;
  ebx = 0;
  ecx = 0;
  edx = 0;
  private readonly vcpu: Vcpu;
  private readonly port: MachinePort;

  constructor(vcpu: Vcpu, port: MachinePort) {
    this.vcpu = vcpu;
    this.port = port;
  }

  cpuid(leaf: number, subleaf: number): void {
    this.takes('cpuid', leaf, subleaf);
    this.vcpu.cpuid(leaf);
    this.ebx = this.vcpu.ebx;
    this.ecx = this.vcpu.ecx;
    this.done();
  }

  rdmsr(index: number): boolean {
    this.takes('rdmsr', index);
    const kept = this.vcpu.rdmsr(index);
    if (kept) this.done();
    return kept;
  }

  wrmsr(index: number, low: number, high: number): boolean {
    this.takes('wrmsr', index, low, high);
    const kept = this.vcpu.wrmsr(index, low, high);
    this.port.goesOn();
    return kept;
  }

  rdtsc(): void {
    this.port.executes(this.vcpu.index, 'rdtsc', NO_WORDS);
    this.vcpu.rdtsc();
    this.done();
  }

  vmcall(number: number, rbx: number, rcx: number, rdx: number, rsi: number): void {
    this.takes('vmcall', number, rbx, rcx, rdx, rsi);
    this.vcpu.vmcall(number);
    this.eax = this.vcpu.eax;
    this.port.goesOn();
  }

  private takes(name: Instruction, ...given: readonly number[]): void {
    for (const value of given)
      if (typeof value !== 'number' || value >>> 0 !== value)
        throw new MisuseError(name, value, 'a word of 32 bits');
    this.port.executes(this.vcpu.index, name, given);
  }

  private done(): void {
    this.eax = this.vcpu.eax;
    this.edx = this.vcpu.edx;
    this.port.goesOn();
  }
}

/** The host's side of a machine's processors. */
export interface KvmView {
  /** The rate of the TSC in kHz; another one as after a move to another host, and the clocks are written anew. */
  tscKHz: number;
  /** The clocks are written anew, as on resume. */
  refresh(): void;
  /** As after a pause: the clocks have the flag by which a guest learns of it. */
  pause(): void;
  /** The host gave so many nanoseconds of a vCPU's time to others, and runs it now. */
  steal(vcpu: number, ns: Nanos): void;
  /** The host takes a vCPU off its processor, until `steal` is called for it. */
  preempt(vcpu: number): void;
  /** The processors had no power, as in sleep: every MSR is forgotten, and the TSCs begin anew. */
  forget(): void;
  /** A vCPU's TSC is so many ticks, up to 2^32 - 1, behind where it was. */
  delay(vcpu: number, ticks: number): void;
  /** A page of an asynchronous page fault is ready: this token, and an interrupt. */
  pageReady(vcpu: number, token: number): void;
}

/** @internal */
export class HeldKvm implements KvmView {
  private readonly kvm: Kvm;
  private readonly act: (name: string, does: () => void) => void;

  /** @param act does it when no device is at work. */
  constructor(kvm: Kvm, act: (name: string, does: () => void) => void) {
    this.kvm = kvm;
    this.act = act;
  }

  get tscKHz(): number {
    return this.kvm.tscKHz;
  }

  set tscKHz(kHz: number) {
    checkWhole('kvm.tscKHz', kHz, 1_000, KHZ_MOST);
    this.act('kvm.tscKHz', () => this.kvm.setTscKHz(kHz));
  }

  refresh(): void {
    this.act('kvm.refresh', () => this.kvm.refresh());
  }

  pause(): void {
    this.act('kvm.pause', () => this.kvm.pause());
  }

  steal(vcpu: number, ns: Nanos): void {
    const of = this.vcpu('kvm.steal.vcpu', vcpu);
    checkWhole('kvm.steal.ns', ns, 0, 1e15);
    this.act('kvm.steal', () => of.steal(ns));
  }

  preempt(vcpu: number): void {
    const of = this.vcpu('kvm.preempt.vcpu', vcpu);
    this.act('kvm.preempt', () => of.preempt());
  }

  forget(): void {
    this.act('kvm.forget', () => this.kvm.forget());
  }

  delay(vcpu: number, ticks: number): void {
    this.vcpu('kvm.delay.vcpu', vcpu);
    checkWhole('kvm.delay.ticks', ticks, 0, 0xffff_ffff);
    this.act('kvm.delay', () => this.kvm.delay(vcpu, ticks));
  }

  pageReady(vcpu: number, token: number): void {
    const of = this.vcpu('kvm.pageReady.vcpu', vcpu);
    checkWhole('kvm.pageReady.token', token, 1, 0xffff_ffff);
    this.act('kvm.pageReady', () => of.pageReady(token));
  }

  private vcpu(path: string, index: number): Vcpu {
    checkWhole(path, index, 0, this.kvm.vcpus.length - 1);
    return this.kvm.vcpus[index]!;
  }
}
