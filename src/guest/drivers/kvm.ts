import type { Gpa, Nanos } from '../../core/bits.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { Processor } from '../../core/processor.ts';
import * as reg from '../../kvm/registers.ts';
import { DriverError } from '../driver-error.ts';
import { GuestInterrupts } from '../interrupts/interrupts.ts';

const WORD = 2 ** 32;
const F = reg.FEATURES.mask;
const clock = reg.pvclock_vcpu_time_info.offset;
const date = reg.pvclock_wall_clock.offset;
const stolen = reg.kvm_steal_time.offset;
const { token } = reg.kvm_vcpu_pv_apf_data.offset;
const { GUEST_STOPPED } = reg.PVCLOCK_FLAGS.mask;
const { ENABLED, SEND_ALWAYS, DELIVERY_AS_INT } = reg.ASYNC_PF_EN.mask;
/** What fits into a block never crosses a page, and shares a cache line with nothing. */
const BLOCK = 64;

/** What a processor shares with its host; 0 is nothing. */
interface Shared {
  clock: Gpa;
  steal: Gpa;
  faults: Gpa;
  eoi: Gpa;
}

/** The first leaf of KVM; null for another hypervisor, or none. */
function findKvm(cpu: Processor): number | null {
  cpu.cpuid(1, 0);
  if ((cpu.ecx & reg.HYPERVISOR) === 0) return null;
  const [ebx, ecx, edx] = reg.SIGNATURE;
  for (let place = 0; place < reg.LEAF_PLACES; place++) {
    const leaf = reg.HYPERVISOR_LEAF + place * reg.LEAF_STEP;
    cpu.cpuid(leaf, 0);
    if (cpu.ebx === ebx && cpu.ecx === ecx && cpu.edx === edx) return leaf;
  }
  return null;
}

/**
 * What KVM offers its guests: the clock of each processor, the date, stolen time, pages that are ready, polling, hypercalls.
 * Each is used if its feature is there.
 *
 * @example
 * const kvm = KvmGuest.open(port);      // null without KVM
 * kvm.time();                           // nanoseconds since the machine began
 * kvm.date();                           // seconds since 1970
 * kvm.close();                          // the host writes no more
 */
export class KvmGuest {
  readonly features: number;
  /** The tokens of pages that became ready. */
  readonly ready: number[] = [];
  /** How often the host had paused the guest, as far as anyone looked at the time. */
  pauses = 0;
  private readonly port: GuestPort;
  private readonly cpus: readonly Processor[];
  private readonly shared: readonly Shared[];
  private readonly wall: Gpa;
  private readonly vector: number;
  /** The latest time that was read, where the clocks of processors need not agree. */
  private last: Nanos = 0;

  /** @returns null where there is no KVM, or none that has a clock. */
  static open(port: GuestPort): KvmGuest | null {
    const cpus = port.processors ?? [];
    const leaf = cpus.length === 0 ? null : findKvm(cpus[0]!);
    if (leaf === null) return null;
    cpus[0]!.cpuid(leaf + reg.FEATURES.offset, 0);
    const features = cpus[0]!.eax;
    return features & (F.CLOCKSOURCE | F.CLOCKSOURCE2) ? new KvmGuest(port, cpus, features) : null;
  }

  private constructor(port: GuestPort, cpus: readonly Processor[], features: number) {
    this.port = port;
    this.cpus = cpus;
    this.features = features;
    const block = (feature: number) => (this.has(feature) ? port.allocate(BLOCK, BLOCK) : 0);
    this.wall = port.allocate(BLOCK, BLOCK);
    this.shared = cpus.map(() => ({
      clock: port.allocate(BLOCK, BLOCK),
      steal: block(F.STEAL_TIME),
      faults: this.hearsOfPages ? port.allocate(BLOCK, BLOCK) : 0,
      eoi: block(F.PV_EOI),
    }));
    this.vector = this.hearsOfPages
      ? GuestInterrupts.of(port).message(() => this.pageReady()).data & reg.ASYNC_PF_INT.mask.VECTOR
      : 0;
    this.resume();
  }

  has(feature: number): boolean {
    return (this.features & feature) !== 0;
  }

  /** The rate of the first processor's TSC in kHz, as Linux computes it from its clock. */
  get tscKHz(): number {
    const { memory } = this.port;
    const at = this.shared[0]!.clock;
    const shift = (memory.load(at + clock.tsc_shift, 1) << 24) >> 24;
    return Math.floor((1e6 * WORD) / memory.load(at + clock.tsc_to_system_mul, 4)) * 2 ** -shift;
  }

  /** Nanoseconds since the machine began. */
  time(vcpu = 0): Nanos {
    const cpu = this.cpus[vcpu]!;
    const { memory } = this.port;
    const at = this.shared[vcpu]!.clock;
    for (;;) {
      const version = memory.load(at + clock.version, 4);
      memory.fence();
      cpu.rdtsc();
      const ticks = this.wide(at + clock.tsc_timestamp, cpu.eax, cpu.edx);
      const begun = this.wide(at + clock.system_time, 0, 0);
      const mul = memory.load(at + clock.tsc_to_system_mul, 4);
      const shift = (memory.load(at + clock.tsc_shift, 1) << 24) >> 24;
      const flags = memory.load(at + clock.flags, 1);
      memory.fence();
      if (version & 1 || memory.load(at + clock.version, 4) !== version) continue;
      if (flags & GUEST_STOPPED) this.wasPaused(at + clock.flags, flags);
      return this.forward(-begun + scaled(ticks, shift, mul), flags);
    }
  }

  /** Seconds since 1970, with fractions. */
  date(): number {
    const { memory } = this.port;
    this.write(0, this.isNew ? reg.WALL_CLOCK_NEW : reg.WALL_CLOCK, this.wall, 0);
    for (;;) {
      const version = memory.load(this.wall + date.version, 4);
      memory.fence();
      const seconds = memory.load(this.wall + date.sec, 4);
      const ns = memory.load(this.wall + date.nsec, 4);
      memory.fence();
      if ((version & 1) === 0 && memory.load(this.wall + date.version, 4) === version)
        return seconds + (ns + this.time()) / 1e9;
    }
  }

  /** Nanoseconds that the host kept a processor from the guest; only differences mean something. */
  stolen(vcpu = 0): Nanos {
    const { memory } = this.port;
    const { steal } = this.shared[vcpu]!;
    if (steal === 0) return 0;
    for (;;) {
      const version = memory.load(steal + stolen.version, 4);
      memory.fence();
      const sum = -this.wide(steal + stolen.steal, 0, 0);
      memory.fence();
      if ((version & 1) === 0 && memory.load(steal + stolen.version, 4) === version) return sum;
    }
  }

  /** Wakes a processor that is halted. */
  kick(vcpu: number): void {
    const [cpu] = this.cpus;
    if (!this.has(F.PV_UNHALT)) return;
    cpu!.vmcall(reg.HYPERCALL.KICK_CPU, 0, vcpu, 0, 0);
    if (cpu!.eax !== 0) throw new DriverError(this.port, 'kvm', `hypercall 5 returned ${cpu!.eax | 0}`);
  }

  /** The host stops writing, as it must before the memory is used for something else, and polls again. */
  suspend(): void {
    for (let vcpu = 0; vcpu < this.cpus.length; vcpu++) {
      const { steal, faults, eoi } = this.shared[vcpu]!;
      if (faults !== 0) this.write(vcpu, reg.ASYNC_PF_EN, 0, 0);
      if (eoi !== 0) this.leaveEois(vcpu);
      if (steal !== 0) this.write(vcpu, reg.STEAL_TIME, 0, 0);
      if (this.has(F.POLL_CONTROL)) this.write(vcpu, reg.POLL_CONTROL, 0, reg.POLL_CONTROL.reset);
      this.write(vcpu, this.systemTime, 0, 0);
    }
  }

  /** Everything again: a reset of the host has forgotten it. */
  resume(): void {
    for (let vcpu = 0; vcpu < this.cpus.length; vcpu++) {
      const { clock: at, steal, faults, eoi } = this.shared[vcpu]!;
      this.write(vcpu, this.systemTime, at, reg.SYSTEM_TIME.mask.ENABLE);
      if (faults !== 0) this.takeFaults(vcpu, faults);
      if (eoi !== 0) this.takeEois(vcpu, eoi);
      if (steal !== 0) this.enable(vcpu, reg.STEAL_TIME, steal, 1);
      // It polls itself.
      if (this.has(F.POLL_CONTROL)) this.write(vcpu, reg.POLL_CONTROL, 0, 0);
    }
  }

  /** As `suspend`; the memory is given back. It is not used again. */
  close(): void {
    this.suspend();
    const areas = this.shared.flatMap((one) => [one.clock, one.steal, one.faults, one.eoi]);
    for (const at of [...areas, this.wall]) if (at !== 0) this.port.release(at);
  }

  private get hearsOfPages(): boolean {
    return this.has(F.ASYNC_PF) && this.has(F.ASYNC_PF_INT);
  }

  private get isNew(): boolean {
    return this.has(F.CLOCKSOURCE2);
  }

  private get systemTime() {
    return this.isNew ? reg.SYSTEM_TIME_NEW : reg.SYSTEM_TIME;
  }

  private enable(vcpu: number, msr: { readonly offset: number }, at: Gpa, bits: number): void {
    this.port.memory.fill(at, 0, BLOCK);
    this.write(vcpu, msr, at, bits);
  }

  private takeFaults(vcpu: number, at: Gpa): void {
    this.write(vcpu, reg.ASYNC_PF_INT, 0, this.vector);
    this.enable(vcpu, reg.ASYNC_PF_EN, at, ENABLED | SEND_ALWAYS | DELIVERY_AS_INT);
  }

  /** The first processor takes all interrupts. */
  private takeEois(vcpu: number, at: Gpa): void {
    this.enable(vcpu, reg.PV_EOI_EN, at, 1);
    if (vcpu === 0) GuestInterrupts.of(this.port).skipEois(() => this.skipsEoi(at));
  }

  private leaveEois(vcpu: number): void {
    if (vcpu === 0) GuestInterrupts.of(this.port).skipEois(null);
    this.write(vcpu, reg.PV_EOI_EN, 0, 0);
  }

  /** On hardware, where the host runs beside it, test and clear are one instruction. */
  private skipsEoi(at: Gpa): boolean {
    const { memory } = this.port;
    const word = memory.load(at, 4);
    if ((word & reg.KVM_PV_EOI) === 0) return false;
    memory.store(at, word & ~reg.KVM_PV_EOI, 4);
    return true;
  }

  private write(vcpu: number, { offset }: { readonly offset: number }, at: Gpa, bits: number): void {
    if (!this.cpus[vcpu]!.wrmsr(offset, ((at >>> 0) | bits) >>> 0, Math.floor(at / WORD)))
      throw new DriverError(this.port, 'kvm', `MSR ${offset.toString(16)} refused ${at.toString(16)}`);
  }

  /** A number of two words, less the 64 bits at an address. */
  private wide(at: Gpa, low: number, high: number): number {
    const { memory } = this.port;
    return (high - memory.load(at + 4, 4)) * WORD + (low - memory.load(at, 4));
  }

  private wasPaused(at: Gpa, flags: number): void {
    this.pauses++;
    this.port.memory.store(at, flags & ~GUEST_STOPPED, 1);
  }

  /** Where the host does not vouch for the TSCs, one clock may be behind another. */
  private forward(time: Nanos, flags: number): Nanos {
    if (this.has(F.CLOCKSOURCE_STABLE_BIT) && flags & reg.PVCLOCK_FLAGS.mask.TSC_STABLE) return time;
    this.last = Math.max(this.last, time);
    return this.last;
  }

  private pageReady(): void {
    const { memory } = this.port;
    for (const [vcpu, { faults }] of this.shared.entries()) {
      const page = memory.load(faults + token, 4);
      if (page === 0) continue;
      this.ready.push(page);
      memory.store(faults + token, 0, 4);
      this.write(vcpu, reg.ASYNC_PF_ACK, 0, reg.ASYNC_PF_ACK.mask.ACK);
    }
  }
}

/** Ticks as nanoseconds: shifted, times a factor of 32 bits, of the product of 96 bits all but the lowest 32. */
function scaled(ticks: number, shift: number, mul: number): Nanos {
  // A TSC that is behind the page's counts as there.
  const forward = Math.max(0, ticks);
  const shifted = shift < 0 ? Math.floor(forward / 2 ** -shift) : forward * 2 ** shift;
  const low = shifted % WORD;
  const half = Math.floor(((low % 0x1_0000) * mul) / 0x1_0000);
  return ((shifted - low) / WORD) * mul + Math.floor((Math.floor(low / 0x1_0000) * mul + half) / 0x1_0000);
}
