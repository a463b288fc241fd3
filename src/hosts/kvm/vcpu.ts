import { closeSync } from 'node:fs';
import { MisuseError } from '../../core/misuse.ts';
import type { Decoded } from '../../core/struct.ts';
import { FEATURES as FEATURES_LEAF } from '../../kvm/registers.ts';
import { Kick } from './kick.ts';
import { KVM, kvm_cpuid_entry2, kvm_cpuid2, kvm_regs, kvm_segment, kvm_sregs } from './registers.ts';
import { RunPage } from './run-page.ts';
import type { KvmSystem } from './system.ts';

type Entry = Decoded<typeof kvm_cpuid_entry2.members>;

const FEATURES = 1;
/** Of leaf 1: APIC id and number of logical processors in EBX. */
const BRAND_AND_CLFLUSH = 0xffff;
const ONE_PROCESSOR = 0x1_0000;
/** Of leaf 1, ECX. */
const X2APIC = 1 << 21;
const TSC_DEADLINE = 1 << 24;
const HYPERVISOR = 1 << 31;
/** Of leaf 1, EDX. */
const APIC = 1 << 9;
const HTT = 1 << 28;

/** Caches: how many cores and threads share them. */
const CACHES = 4;
const CACHE_ITSELF = 0x3fff;
/** Performance counters and topology: those of the host's processors. */
const NOT_THERE = [0xa, 0xb, 0x1f, 0x8000_001e];
/** ECX: how many processors there are, and how long their numbers. */
const SIZES = 0x8000_0008;
const PROCESSORS = 0xf0ff;

const KVM_SIGNATURE = 0x4000_0000;
const KVM_FEATURES = 0x4000_0001;
/** What KVM does without a local APIC of its own: the clock, and stolen time. */
const { CLOCKSOURCE, CLOCKSOURCE2, STEAL_TIME, CLOCKSOURCE_STABLE_BIT } = FEATURES_LEAF.mask;
const WITHOUT_APIC = CLOCKSOURCE | CLOCKSOURCE2 | STEAL_TIME | CLOCKSOURCE_STABLE_BIT;

/**
 * The guest's CPUID, from what KVM supports: one processor, behind a hypervisor that is KVM, and the machine's local
 * APIC, which has neither x2APIC mode nor deadlines.
 *
 * @param features those of KVM's that the machine offers.
 */
export function cpuidOf(entry: Entry, features: number): Entry {
  const { eax, ebx, ecx, edx } = entry;
  if (NOT_THERE.includes(entry.function)) return { ...entry, eax: 0, ebx: 0, ecx: 0, edx: 0 };
  switch (entry.function) {
    case FEATURES:
      return {
        ...entry,
        ebx: (ebx & BRAND_AND_CLFLUSH) | ONE_PROCESSOR,
        ecx: ((ecx & ~X2APIC & ~TSC_DEADLINE) | HYPERVISOR) >>> 0,
        edx: ((edx & ~HTT) | APIC) >>> 0,
      };
    case CACHES:
      return { ...entry, eax: eax & CACHE_ITSELF };
    case SIZES:
      return { ...entry, ecx: (ecx & ~PROCESSORS) >>> 0 };
    case KVM_SIGNATURE:
      return { ...entry, eax: KVM_FEATURES };
    case KVM_FEATURES:
      return { ...entry, eax: (eax & features & WITHOUT_APIC) >>> 0, edx: 0 };
    default:
      return entry;
  }
}

/** As Linux numbers them. */
const EINTR = 4;
const EAGAIN = 11;
/** More entries than there have ever been. */
const CPUID_ENTRIES = 256;
/** IA32_APIC_BASE from reset: enabled, of the processor that boots. KVM has no local APIC of its own that would say so. */
const APIC_BASE = 0xfee0_0900n;
/** RFLAGS has this bit always. */
const RFLAGS_RESET = 2n;

/** Registers by name, as KVM has them. */
export type Registers = Decoded<typeof kvm_regs.members>;
/** Of those that are the system's. */
export interface SystemRegisters {
  readonly cs: number;
  readonly cr0: bigint;
  readonly cr2: bigint;
  readonly cr3: bigint;
  readonly cr4: bigint;
  readonly efer: bigint;
}

/** A processor that executes until it needs its user. */
export interface Vcpu {
  readonly page: RunPage;
  /** @returns why it returned, as `EXIT` has it; below 0: `errno`, by which KVM failed; null: its time was over. */
  run(): number | null;
  /** @param now the time, as `performance.now()` has it. */
  within(now: number, milliseconds: number): void;
  /** Only while `page.ready`. */
  interrupt(vector: number): void;
  registers(): Registers & SystemRegisters;
  close(): void;
}

/** A KVM processor. */
export class KvmVcpu implements Vcpu {
  readonly page: RunPage;
  private readonly system: KvmSystem;
  private readonly fd: number;
  private readonly kick: Kick;
  private readonly vector = new Uint8Array(new ArrayBuffer(4));
  private readonly vectorAt: bigint;

  /** @param features those of KVM's that the machine offers. */
  constructor(system: KvmSystem, fd: number, features: number) {
    this.system = system;
    this.fd = fd;
    const length = system.ask(KVM.GET_VCPU_MMAP_SIZE);
    const mapped = system.mappings.file(fd, 0, length, true);
    if (mapped === null) throw new MisuseError('kvm', fd, '', 'its processor cannot be mapped');
    this.page = new RunPage(mapped.bytes);
    this.vectorAt = system.libc.addressOf(this.vector);
    this.kick = new Kick(system.libc, system.kvmCalls);
    this.kick.attach(system.libc, fd);
    this.setCpuid(features);
  }

  /** Code in real mode begins at `segment`:`ip`; all else is as after a reset. */
  startAt(segment: number, ip: number): void {
    const sregs = this.read(KVM.GET_SREGS, kvm_sregs.size);
    kvm_segment.encode({ base: BigInt(segment) << 4n, selector: segment }, sregs, kvm_sregs.offset.cs);
    kvm_sregs.encode({ apic_base: APIC_BASE }, sregs);
    this.system.ioctl(this.fd, KVM.SET_SREGS, sregs);
    const regs = this.read(KVM.GET_REGS, kvm_regs.size);
    kvm_regs.encode({ rip: BigInt(ip), rflags: RFLAGS_RESET }, regs);
    this.system.ioctl(this.fd, KVM.SET_REGS, regs);
  }

  run(): number | null {
    const { libc, kvmCalls } = this.system;
    if (kvmCalls.ioctl(this.fd, KVM.RUN, 0) === 0) return this.page.exitReason;
    const errno = libc.errno();
    if (errno !== EINTR && errno !== EAGAIN) return -errno;
    this.kick.done();
    return null;
  }

  within(now: number, milliseconds: number): void {
    this.kick.within(now, milliseconds);
  }

  interrupt(vector: number): void {
    this.vector[0] = vector;
    this.system.kvmCalls.ioctl(this.fd, KVM.INTERRUPT, this.vectorAt);
  }

  registers(): Registers & SystemRegisters {
    const { cs, cr0, cr2, cr3, cr4, efer } = kvm_sregs.decode(this.read(KVM.GET_SREGS, kvm_sregs.size));
    const { selector } = kvm_segment.decode(cs);
    const regs = kvm_regs.decode(this.read(KVM.GET_REGS, kvm_regs.size));
    return { ...regs, cs: selector, cr0, cr2, cr3, cr4, efer };
  }

  close(): void {
    this.kick.close();
    closeSync(this.fd);
  }

  private read(request: number, length: number): Uint8Array {
    const into = new Uint8Array(new ArrayBuffer(length));
    this.system.ioctl(this.fd, request, into);
    return into;
  }

  private setCpuid(features: number): void {
    const { size } = kvm_cpuid2;
    const bytes = new Uint8Array(new ArrayBuffer(size + CPUID_ENTRIES * kvm_cpuid_entry2.size));
    kvm_cpuid2.encode({ nent: CPUID_ENTRIES }, bytes);
    this.system.ask(KVM.GET_SUPPORTED_CPUID, bytes);
    const { nent } = kvm_cpuid2.decode(bytes);
    for (let at = size; at < size + nent * kvm_cpuid_entry2.size; at += kvm_cpuid_entry2.size)
      kvm_cpuid_entry2.encode(cpuidOf(kvm_cpuid_entry2.decode(bytes, at), features), bytes, at);
    this.system.ioctl(this.fd, KVM.SET_CPUID2, bytes);
  }
}
