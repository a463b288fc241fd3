import { closeSync } from 'node:fs';
import { MisuseError } from '../../core/misuse.ts';
import type { Decoded } from '../../core/struct.ts';
import { cpuidOf } from './cpuid.ts';
import { Kick } from './kick.ts';
import { KVM, kvm_cpuid_entry2, kvm_cpuid2, kvm_regs, kvm_segment, kvm_sregs } from './registers.ts';
import { RunPage } from './run-page.ts';
import type { KvmSystem } from './system.ts';

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

  constructor(system: KvmSystem, fd: number) {
    this.system = system;
    this.fd = fd;
    const length = system.ask(KVM.GET_VCPU_MMAP_SIZE);
    const mapped = system.mappings.file(fd, 0, length, true);
    if (mapped === null) throw new MisuseError('kvm', fd, '', 'its processor cannot be mapped');
    this.page = new RunPage(mapped.bytes);
    this.vectorAt = system.libc.addressOf(this.vector);
    this.kick = new Kick(system.libc, system.kvmCalls);
    this.kick.attach(system.libc, fd);
    this.setCpuid();
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

  private setCpuid(): void {
    const { size } = kvm_cpuid2;
    const bytes = new Uint8Array(new ArrayBuffer(size + CPUID_ENTRIES * kvm_cpuid_entry2.size));
    kvm_cpuid2.encode({ nent: CPUID_ENTRIES }, bytes);
    this.system.ask(KVM.GET_SUPPORTED_CPUID, bytes);
    const { nent } = kvm_cpuid2.decode(bytes);
    for (let at = size; at < size + nent * kvm_cpuid_entry2.size; at += kvm_cpuid_entry2.size)
      kvm_cpuid_entry2.encode(cpuidOf(kvm_cpuid_entry2.decode(bytes, at)), bytes, at);
    this.system.ioctl(this.fd, KVM.SET_CPUID2, bytes);
  }
}
