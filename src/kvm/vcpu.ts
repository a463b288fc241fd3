import type { Gpa, Nanos } from '../core/bits.ts';
import type { Processor } from '../core/processor.ts';
import { Area } from './area.ts';
import type { KvmEvents } from './events.ts';
import { type ClockHost, PvClock } from './pv-clock.ts';
import * as reg from './registers.ts';
import { Ticks } from './time.ts';

const WORD = 2 ** 32;
const { steal: STEAL, version: STEAL_VERSION, preempted: PREEMPTED } = reg.kvm_steal_time.offset;
const STEAL_BYTES = reg.kvm_steal_time.size;
const { token: TOKEN } = reg.kvm_vcpu_pv_apf_data.offset;
const APF_BYTES = reg.kvm_vcpu_pv_apf_data.size;
const { DELIVERY_AS_INT, DELIVERY_AS_PF_VMEXIT } = reg.ASYNC_PF_EN.mask;
/** Of an address of 64 bytes. */
const BLOCK_BITS = 0x3f;

/** MSRs that bit 0 switches on. */
const SWITCHED = [reg.SYSTEM_TIME_NEW, reg.STEAL_TIME, reg.ASYNC_PF_EN, reg.PV_EOI_EN].map(
  ({ offset }) => offset,
);

/** What a processor's host knows, and does for it. */
interface VcpuHost extends ClockHost {
  readonly now: Nanos;
  readonly tscKHz: number;
  /** Whether it answers as if it had a feature. */
  has(feature: number): boolean;
  /** EAX, EBX, ECX and EDX of a CPUID leaf. */
  leaf(vcpu: number, leaf: number): readonly [number, number, number, number];
  usesOldClock(isOld: boolean): void;
  writeDate(at: Gpa): void;
  interrupt(vcpu: number, vector: number): void;
}

/** An MSR without an address. */
class Plain {
  low = 0;
  high = 0;

  set(low: number, high: number): void {
    this.low = low;
    this.high = high;
  }
}

/**
 * A processor of a KVM guest, and what the host shares with it: its clock, the time that was stolen from it, EOIs that
 * it may skip, pages that are ready. Where a structure is no RAM or crosses a page, KVM writes none of it.
 */
export class Vcpu implements Processor {
  eax = 0;
  ebx = 0;
  ecx = 0;
  edx = 0;
  events: KvmEvents | null = null;
  /** Called before its TSC is read: a host with a CPU of its own may have changed the offset. */
  follow: (() => void) | null = null;
  /** Called before the word for EOIs is another: the host looks first whether the guest took an offer there. */
  leaveEoi: (() => void) | null = null;
  readonly index: number;
  /** How far the TSC is ahead of the machine's time. */
  readonly tscOffset = { low: 0, high: 0 };
  readonly clock: PvClock;
  private readonly kvm: VcpuHost;
  private readonly ticks = new Ticks();
  private readonly values = new Map<number, Plain | Area>();
  private readonly steals: Area;
  private readonly faults: Area;
  private readonly eoi: Area;
  private readonly faultVector = new Plain();
  private stolen = 0;
  private readonly tokens: number[] = [];

  constructor(index: number, kvm: VcpuHost) {
    const { memory } = kvm;
    this.index = index;
    this.kvm = kvm;
    this.clock = new PvClock(
      kvm,
      () => this.readTicks(),
      (flags) => this.events?.flagged(index, flags),
    );
    this.steals = new Area(memory, BLOCK_BITS, STEAL_BYTES);
    this.faults = new Area(memory, BLOCK_BITS, APF_BYTES);
    this.eoi = new Area(memory, 1, reg.PV_EOI_BYTES);
    const areas: readonly (readonly [reg.Msr['register'], Plain | Area])[] = [
      [reg.SYSTEM_TIME, this.clock.area],
      [reg.SYSTEM_TIME_NEW, this.clock.area],
      [reg.STEAL_TIME, this.steals],
      [reg.ASYNC_PF_EN, this.faults],
      [reg.PV_EOI_EN, this.eoi],
      [reg.ASYNC_PF_INT, this.faultVector],
    ];
    for (const { register } of reg.MSRS) this.values.set(register.offset, new Plain());
    for (const [{ offset }, area] of areas) this.values.set(offset, area);
    this.reset();
  }

  cpuid(leaf: number): void {
    this.events?.asked(this.index, leaf);
    [this.eax, this.ebx, this.ecx, this.edx] = this.kvm.leaf(this.index, leaf);
  }

  rdtsc(): void {
    this.events?.ticked(this.index);
    const { low, high } = this.readTicks();
    this.eax = low;
    this.edx = high;
  }

  vmcall(number: number): void {
    this.events?.called(this.index, number);
    // Each processor here runs, so there is nothing to wake.
    const isKick = number === reg.HYPERCALL.KICK_CPU && this.kvm.has(reg.FEATURES.mask.PV_UNHALT);
    this.eax = isKick ? 0 : reg.KVM_ENOSYS;
  }

  rdmsr(index: number): boolean {
    const msr = reg.msrOf(index);
    const refused = msr === undefined || !this.kvm.has(msr.feature);
    if (reg.isKvmMsr(index)) this.events?.msrRead(this.index, index, refused);
    if (refused) return false;
    const { low, high } = this.values.get(index)!;
    const isAck = index === reg.ASYNC_PF_ACK.offset;
    this.eax = isAck ? 0 : low;
    this.edx = isAck ? 0 : high;
    return true;
  }

  wrmsr(index: number, low: number, high: number): boolean {
    if (index === reg.PV_EOI_EN.offset) this.leaveEoi?.();
    const refused = this.refuses(index, low, high);
    if (reg.isKvmMsr(index)) this.events?.msrWritten(this.index, index, low, high, refused);
    if (refused) return false;
    this.values.get(index)!.set(low, high);
    this.written(index, low, high);
    return true;
  }

  /** The processor ran so much less than it wanted to, and runs now. @internal */
  steal(ns: Nanos): void {
    this.stolen += ns;
    const { range, at: address } = this.steals;
    if (range === null) return;
    const { view, base } = range;
    const at = address - base;
    view.setUint8(at + PREEMPTED, 0);
    const before = view.getUint32(at + STEAL_VERSION, true);
    const version = (before + (before & 1) + 1) >>> 0;
    view.setUint32(at + STEAL_VERSION, version, true);
    // Two words with a carry: what the guest left there may not fit into a double.
    const low = view.getUint32(at + STEAL, true) + (this.stolen % WORD);
    const high = view.getUint32(at + STEAL + 4, true) + Math.floor(this.stolen / WORD);
    view.setUint32(at + STEAL, low >>> 0, true);
    view.setUint32(at + STEAL + 4, (high + Math.floor(low / WORD)) >>> 0, true);
    view.setUint32(at + STEAL_VERSION, (version + 1) >>> 0, true);
    this.stolen = 0;
    this.kvm.changed(address, STEAL_BYTES);
  }

  /** The host runs another processor in its place: one byte says so, outside of the protocol. @internal */
  preempt(): void {
    const { range, at } = this.steals;
    if (range === null) return;
    range.view.setUint8(at - range.base + PREEMPTED, reg.VCPU_PREEMPTED);
    this.kvm.changed(at, STEAL_BYTES);
  }

  /** Whether the guest wants to skip EOIs. @internal */
  get skipsEois(): boolean {
    return this.eoi.isOn;
  }

  /** An interrupt is about to be taken whose EOI may be skipped. @internal */
  offerEoi(): void {
    this.setEoi(reg.KVM_PV_EOI);
  }

  /** Whether the guest took the offer, which is over either way. @param ended there was an EOI. @internal */
  tookEoi(ended: boolean): boolean {
    const { range, at } = this.eoi;
    if (range === null) return false;
    const took = (range.bytes[at - range.base]! & reg.KVM_PV_EOI) === 0;
    this.setEoi(0);
    this.events?.eoiOffered(this.index, took, ended);
    return took;
  }

  /** The page of this token is there again. It is told when the page before it was acknowledged; never, if the guest does not want to be. @internal */
  pageReady(token: number): void {
    if (!this.hearsOfPages) return;
    this.tokens.push(token);
    if (this.tokens.length === 1) this.tellReady();
  }

  /** The MSRs by which the host still has something of the guest's, or does something for it. @internal */
  get inUse(): string[] {
    const ours = reg.MSRS.map(({ register }) => register).filter(({ offset, reset }) => {
      const { low } = this.values.get(offset)!;
      return offset === reg.POLL_CONTROL.offset
        ? low !== reset
        : SWITCHED.includes(offset) && (low & 1) !== 0;
    });
    return ours.map(({ name }) => name);
  }

  /** As after a reset. @internal */
  reset(): void {
    for (const { register } of reg.MSRS) this.values.get(register.offset)!.set(register.reset, 0);
    this.clock.reset();
    this.stolen = 0;
    this.tokens.length = 0;
  }

  private readTicks(): Ticks {
    this.follow?.();
    this.ticks.set(this.kvm.now, this.kvm.tscKHz, this.tscOffset);
    return this.ticks;
  }

  private refuses(index: number, low: number, high: number): boolean {
    const msr = reg.msrOf(index);
    if (msr === undefined || !this.kvm.has(msr.feature)) return true;
    const [reservedLow, reservedHigh] = msr.reserved;
    if ((low & reservedLow) !== 0 || (high & reservedHigh) !== 0) return true;
    // Of these two KVM looks at once where they are; of the others when it writes them.
    if (index === reg.ASYNC_PF_EN.offset) return this.refusesFaults(low, high);
    return index === reg.PV_EOI_EN.offset && (low & 1) !== 0 && this.eoi.rangeOf(low, high) === null;
  }

  private refusesFaults(low: number, high: number): boolean {
    const { ASYNC_PF_VMEXIT, ASYNC_PF_INT } = reg.FEATURES.mask;
    if (low & DELIVERY_AS_PF_VMEXIT && !this.kvm.has(ASYNC_PF_VMEXIT)) return true;
    if (low & DELIVERY_AS_INT && !this.kvm.has(ASYNC_PF_INT)) return true;
    return (low & 1) !== 0 && this.faults.rangeOf(low, high) === null;
  }

  private written(index: number, low: number, high: number): void {
    switch (index) {
      case reg.SYSTEM_TIME.offset:
      case reg.SYSTEM_TIME_NEW.offset:
        if (this.index === 0) this.kvm.usesOldClock(index === reg.SYSTEM_TIME.offset);
        this.clock.set(low, high);
        break;
      case reg.WALL_CLOCK.offset:
      case reg.WALL_CLOCK_NEW.offset:
        this.kvm.writeDate(high * WORD + low);
        break;
      case reg.STEAL_TIME.offset:
        this.steal(0);
        break;
      case reg.ASYNC_PF_EN.offset:
        if (!this.hearsOfPages) this.tokens.length = 0;
        break;
      case reg.ASYNC_PF_ACK.offset:
        if (low & reg.ASYNC_PF_ACK.mask.ACK) this.acknowledged();
        break;
    }
  }

  private get hearsOfPages(): boolean {
    return (this.faults.low & DELIVERY_AS_INT) !== 0 && this.faults.range !== null;
  }

  private acknowledged(): void {
    this.tokens.shift();
    if (this.tokens.length > 0) this.tellReady();
  }

  private tellReady(): void {
    const { range, at } = this.faults;
    if (range === null) return;
    range.view.setUint32(at - range.base + TOKEN, this.tokens[0]!, true);
    this.kvm.changed(at, APF_BYTES);
    this.kvm.interrupt(this.index, this.faultVector.low);
  }

  private setEoi(bit: number): void {
    const { range, at } = this.eoi;
    if (range === null) return;
    range.bytes[at - range.base] = (range.bytes[at - range.base]! & ~reg.KVM_PV_EOI) | bit;
    this.kvm.changed(at, reg.PV_EOI_BYTES);
  }
}
