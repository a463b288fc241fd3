import type { Describer } from '../../core/access.ts';
import { hex } from '../../core/bits.ts';
import type { Journal } from '../../core/journal.ts';
import type { Rules } from '../../core/rule.ts';
import { Watch } from '../../core/watch.ts';
import type { KvmEvents } from '../../kvm/events.ts';
import * as reg from '../../kvm/registers.ts';
import type { KvmFacts } from './facts.ts';

const F = reg.FEATURES.mask;
const { ENABLED, DELIVERY_AS_INT, DELIVERY_AS_PF_VMEXIT } = reg.ASYNC_PF_EN.mask;
/** Those without bit 0. */
const DATES: readonly number[] = [reg.WALL_CLOCK.offset, reg.WALL_CLOCK_NEW.offset];
/** More than a machine has. */
const VCPUS = 256;
/** Vectors below are exceptions. */
const FIRST_VECTOR = 32;

/** Rules of CPUID leaves, MSRs and hypercalls. */
export const KVM_MSRS = {
  'kvm/HYPERVISOR': {
    where: 'KVM, CPUID',
    text: 'A guest MUST look at CPUID 1, ECX bit 31, before it asks for leaves of a hypervisor.',
    advice: 'Execute CPUID 1 first: on hardware the leaves from 40000000h on are those of another leaf.',
    on: 'leafAsked',
    kept: (k) => k.knowsHypervisor,
    said: (k) => `CPUID ${hex(k.leaf, 8)} was executed before CPUID 1`,
  },
  'kvm/SIGNATURE': {
    where: 'KVM, CPUID',
    text: "A guest MUST find KVM's signature before it touches an MSR of KVM, or makes a hypercall.",
    advice: 'Look for "KVMKVMKVM" in CPUID 40000000h, and in steps of 100h beyond.',
    on: ['touched', 'called'],
    kept: (k) => k.knowsSignature,
    said: (k) => `${k.what}, and the signature was not read`,
  },
  'kvm/FEATURES': {
    where: 'KVM, CPUID',
    text: 'A guest MUST read the features before it touches an MSR of KVM, or makes a hypercall that has one.',
    advice: 'EAX of the leaf behind the signature has a bit for each MSR, and for such hypercalls.',
    on: ['touched', 'called'],
    when: (k) => k.call === 0 || k.callFeature !== 0,
    kept: (k) => k.knowsFeatures,
    said: (k) => `${k.what}, and the features were not read`,
    follows: ['kvm/SIGNATURE'],
  },
  'kvm/MSR-FEATURE': {
    where: 'KVM, MSRs',
    text: 'A guest MUST NOT touch an MSR whose feature is not offered.',
    advice: 'Test the bit of the feature: where the host enforces it, RDMSR and WRMSR fault.',
    on: 'touched',
    kept: (k) => k.isOffered,
    said: (k) => `${k.msr} was touched, and the features are ${hex(k.features, 8)}`,
  },
  'kvm/NEW-PAIR': {
    where: 'KVM, MSRs, MSR_KVM_SYSTEM_TIME',
    text: 'A guest MUST use the MSRs 4b564d00 and 4b564d01 where they are offered, not 11 and 12.',
    advice: 'Prefer CLOCKSOURCE2. With processor 0 on MSR 12 the host vouches for the TSC of none.',
    on: 'touched',
    when: (k) => (k.features & F.CLOCKSOURCE2) !== 0,
    kept: (k) => k.index !== reg.SYSTEM_TIME.offset && k.index !== reg.WALL_CLOCK.offset,
    said: (k) => `${k.msr} was touched, though the new MSRs are offered`,
  },
  'kvm/RESERVED': {
    where: 'KVM, MSRs',
    text: 'A guest MUST write 0 to the reserved bits of an MSR of KVM.',
    advice: 'Align the address as the MSR wants it, and write nothing else: with other bits WRMSR faults.',
    on: 'written',
    when: (k) => (k.reservedLow | k.reservedHigh) !== 0,
    kept: (k) => ((k.low & k.reservedLow) | (k.high & k.reservedHigh)) === 0,
    said: (k) => `${hex(k.high, 8)}_${hex(k.low, 8)} was written to ${k.msr}`,
  },
  'kvm/ENABLE': {
    where: 'KVM, MSRs',
    text: 'A guest MUST set bit 0 of the MSR with the address of a structure that it gives the host.',
    advice:
      'Write the lower half of the address with bit 0 in EAX, the upper half in EDX: without the bit the structure is off, and never filled.',
    on: 'written',
    when: (k) => k.namesPlace,
    kept: (k) => (k.low & ENABLED) !== 0 || k.wasOn,
    said: (k) => `${hex(k.high, 8)}_${hex(k.low, 8)} was written to ${k.msr}, which was never on`,
  },
  'kvm/APF-VECTOR': {
    where: 'KVM, MSRs, MSR_KVM_ASYNC_PF_EN',
    text: 'A guest MUST write the vector of ready pages before it enables their interrupt.',
    advice: 'Write ASYNC_PF_INT, then ASYNC_PF_EN.',
    on: 'written',
    when: (k) => k.enablesFaults && (k.low & DELIVERY_AS_INT) !== 0,
    kept: (k) => k.vector >= FIRST_VECTOR,
    said: (k) => `page faults were enabled with vector ${k.vector}`,
  },
  'kvm/APF-DELIVERY': {
    where: 'KVM, MSRs, MSR_KVM_ASYNC_PF_EN',
    text: 'A guest MUST NOT ask for a delivery of page faults that is not offered.',
    advice: 'Bit 3 needs ASYNC_PF_INT, bit 2 needs ASYNC_PF_VMEXIT.',
    on: 'written',
    when: (k) => k.enablesFaults,
    kept: (k) => (k.low & k.notDelivered) === 0,
    said: (k) => `${hex(k.low, 8)} was written to ${k.msr}, and the features are ${hex(k.features, 8)}`,
  },
  'kvm/EOI-TWICE': {
    where: 'KVM, MSRs, MSR_KVM_PV_EOI_EN',
    text: 'A guest MUST NOT write an EOI for an interrupt whose EOI it has skipped.',
    advice: 'Test and clear bit 0 of the word in one instruction; write an EOI only if it was 0.',
    on: 'offered',
    when: (k) => k.skipped,
    kept: (k) => !k.ended,
    said: () => 'the bit was cleared, and an EOI was written: the host ends another interrupt by it',
  },
  'kvm/HYPERCALL': {
    where: 'KVM, CPUID',
    text: 'A guest MUST NOT make a hypercall whose feature is not offered.',
    advice: 'Test its bit in the features; the host answers -1000 to what it does not know.',
    on: 'called',
    when: (k) => k.callFeature !== 0,
    kept: (k) => (k.features & k.callFeature) !== 0,
    said: (k) => `hypercall ${k.call} was made, and the features are ${hex(k.features, 8)}`,
  },
} as const satisfies Rules<MsrWatch>;

/** How findings show an instruction; the offset is the MSR's number. */
const INSTRUCTION: Describer = {
  name: 'MSR',
  describe: ({ offset, value, write }) => {
    const register = reg.msrOf(offset)?.register;
    const name = register?.name ?? `MSR ${hex(offset, 8)}`;
    if (!write || value === null) return `RDMSR ${name}`;
    return `WRMSR ${name} ← ${hex(value, 8)}  ${register?.format(value) ?? ''}`.trimEnd();
  },
};

/**
 * Watches how a guest finds KVM, and what it writes to its MSRs.
 *
 * @example
 * kvm.watchedBy(judgeKvm(facts, journal, stores));
 */
export class MsrWatch implements Partial<KvmEvents> {
  vcpu = 0;
  leaf = 0;
  index = 0;
  low = 0;
  high = 0;
  /** The hypercall that was made last; 0 where an MSR was touched since. */
  call = 0;
  callFeature = 0;
  knowsHypervisor = false;
  knowsSignature = false;
  knowsFeatures = false;
  isOffered = false;
  reservedLow = 0;
  reservedHigh = 0;
  enablesFaults = false;
  /** An address was written to an MSR that bit 0 switches on; whether it was on before. */
  namesPlace = false;
  wasOn = false;
  skipped = false;
  ended = false;
  vector = 0;
  readonly features: number;
  /** Bits of ASYNC_PF_EN whose features are not offered. */
  readonly notDelivered: number;
  private readonly facts: KvmFacts;
  private readonly vectors: number[] = [];
  /** MSRs that were on, by vCPU and number. */
  private readonly switched = new Set<number>();
  private readonly journal: Journal;
  /** `leafAsked`: CPUID of a hypervisor. `touched`: RDMSR or WRMSR. `written`: WRMSR. `called`: a hypercall. `offered`: an EOI could be skipped. */
  private readonly on;

  constructor(facts: KvmFacts, journal: Journal) {
    const { features } = facts;
    this.facts = facts;
    this.features = features;
    this.notDelivered =
      (features & F.ASYNC_PF_INT ? 0 : DELIVERY_AS_INT) |
      (features & F.ASYNC_PF_VMEXIT ? 0 : DELIVERY_AS_PF_VMEXIT);
    this.journal = journal;
    this.on = new Watch(journal, KVM_MSRS).on;
  }

  get subject(): string {
    return `vCPU ${this.vcpu}`;
  }

  /** The MSR, in words. */
  get msr(): string {
    return reg.msrOf(this.index)?.register.name ?? `MSR ${hex(this.index, 8)}`;
  }

  /** What the guest did last with it. */
  get what(): string {
    return this.call === 0 ? `${this.msr} was touched` : `hypercall ${this.call} was made`;
  }

  asked(vcpu: number, leaf: number): void {
    this.vcpu = vcpu;
    this.leaf = leaf;
    if (leaf === 1) this.knowsHypervisor = true;
    if (leaf >>> 16 !== reg.HYPERVISOR_LEAF >>> 16) return;
    if (leaf === this.facts.leaf) this.knowsSignature = true;
    if (leaf === this.facts.leaf + reg.FEATURES.offset) this.knowsFeatures = true;
    this.on.leafAsked.tell(this);
  }

  msrRead(vcpu: number, index: number): void {
    this.journal.trail.ring(INSTRUCTION, index, index, 4, null, false);
    this.touch(vcpu, index);
  }

  msrWritten(vcpu: number, index: number, low: number, high: number): void {
    this.journal.trail.ring(INSTRUCTION, index, index, 4, low);
    this.low = low;
    this.high = high;
    this.touch(vcpu, index);
    const [reservedLow, reservedHigh] = reg.msrOf(index)?.reserved ?? [0, 0];
    this.reservedLow = reservedLow;
    this.reservedHigh = reservedHigh;
    this.enablesFaults = index === reg.ASYNC_PF_EN.offset && (low & ENABLED) !== 0;
    this.vector = this.vectors[vcpu] ?? 0;
    this.place(vcpu, index, low, high);
    this.on.written.tell(this);
    if (index === reg.ASYNC_PF_INT.offset) this.vectors[vcpu] = low;
  }

  called(vcpu: number, number: number): void {
    this.vcpu = vcpu;
    this.call = number;
    this.callFeature = reg.HYPERCALL_FEATURE.get(number) ?? 0;
    this.on.called.tell(this);
  }

  eoiOffered(vcpu: number, skipped: boolean, ended: boolean): void {
    this.vcpu = vcpu;
    this.skipped = skipped;
    this.ended = ended;
    this.on.offered.tell(this);
  }

  reset(): void {
    this.vectors.length = 0;
  }

  private place(vcpu: number, index: number, low: number, high: number): void {
    const key = index * VCPUS + vcpu;
    this.namesPlace = reg.SHARED.has(index) && !DATES.includes(index) && (high | (low & ~ENABLED)) !== 0;
    this.wasOn = this.switched.has(key);
    if (this.namesPlace && (low & ENABLED) !== 0) this.switched.add(key);
  }

  private touch(vcpu: number, index: number): void {
    this.vcpu = vcpu;
    this.call = 0;
    this.index = index;
    this.isOffered = (this.features & (reg.msrOf(index)?.feature ?? 0)) !== 0;
    this.on.touched.tell(this);
  }
}
