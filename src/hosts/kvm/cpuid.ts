import type { Decoded } from '../../core/struct.ts';
import type { kvm_cpuid_entry2 } from './registers.ts';

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
/** Clock by MSRs 4b564d00 and 4b564d01, and whether it is stable. The others need a local APIC of KVM's. */
const CLOCKSOURCE2 = 1 << 3;
const CLOCKSOURCE_STABLE = 1 << 24;

/**
 * The guest's CPUID, from what KVM supports: one processor, behind a hypervisor that is KVM, and the machine's local
 * APIC, which has neither x2APIC mode nor deadlines.
 */
export function cpuidOf(entry: Entry): Entry {
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
      return { ...entry, eax: (eax & (CLOCKSOURCE2 | CLOCKSOURCE_STABLE)) >>> 0, edx: 0 };
    default:
      return entry;
  }
}
