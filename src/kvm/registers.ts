import { type Register, register } from '../core/register.ts';
import { struct } from '../core/struct.ts';

/** KVM's guest interface, as Linux declares it: Documentation/virt/kvm/x86 (cpuid.rst, msr.rst), asm/kvm_para.h. */

/** CPUID 1, ECX bit 31: there is a hypervisor, and leaves from 40000000h on are its own. */
export const HYPERVISOR = 0x8000_0000;
/** The first place of a hypervisor's leaves, how far apart further places are, and how many there are. */
export const HYPERVISOR_LEAF = 0x4000_0000;
export const LEAF_STEP = 0x100;
export const LEAF_PLACES = 0x100;
/** EBX, ECX and EDX of the first leaf: "KVMKVMKVM". */
export const SIGNATURE = [0x4b4d_564b, 0x564b_4d56, 0x0000_004d] as const;

/** EAX of the second leaf. Offset is that from the first leaf. */
export const FEATURES = register(
  'KVM_CPUID_FEATURES',
  1,
  4,
  {
    CLOCKSOURCE: { at: 0, doc: 'the clock, by MSRs 11 and 12' },
    NOP_IO_DELAY: { at: 1 },
    MMU_OP: { at: 2, doc: 'obsolete' },
    CLOCKSOURCE2: { at: 3, doc: 'the clock, by MSRs 4b564d00 and 4b564d01' },
    ASYNC_PF: { at: 4, doc: 'asynchronous page faults' },
    STEAL_TIME: { at: 5 },
    PV_EOI: { at: 6, doc: 'an EOI may be skipped' },
    PV_UNHALT: { at: 7, doc: 'hypercall 5 wakes a halted processor' },
    PV_TLB_FLUSH: { at: 9 },
    ASYNC_PF_VMEXIT: { at: 10 },
    PV_SEND_IPI: { at: 11, doc: 'hypercall 10' },
    POLL_CONTROL: { at: 12 },
    PV_SCHED_YIELD: { at: 13, doc: 'hypercall 11' },
    ASYNC_PF_INT: { at: 14, doc: 'a page that is ready raises an interrupt' },
    MSI_EXT_DEST_ID: { at: 15 },
    HC_MAP_GPA_RANGE: { at: 16, doc: 'hypercall 12' },
    MIGRATION_CONTROL: { at: 17 },
    CLOCKSOURCE_STABLE_BIT: { at: 24, doc: 'bit 0 of the flags of a clock means something' },
  },
  { access: 'ro' },
);
const F = FEATURES.mask;

const ADDRESS = { ADDRESS: { at: [31, 2] } } as const;
const CLOCK = { ENABLE: { at: 0 }, ...ADDRESS } as const;
/** Of a structure of 64 bytes. */
const BLOCK = { ADDRESS: { at: [31, 6] } } as const;

/** The low words of the MSRs; the offset is the number. */
export const WALL_CLOCK = register('MSR_KVM_WALL_CLOCK', 0x11, 4, ADDRESS);
export const SYSTEM_TIME = register('MSR_KVM_SYSTEM_TIME', 0x12, 4, CLOCK);
export const WALL_CLOCK_NEW = register('MSR_KVM_WALL_CLOCK_NEW', 0x4b56_4d00, 4, ADDRESS);
export const SYSTEM_TIME_NEW = register('MSR_KVM_SYSTEM_TIME_NEW', 0x4b56_4d01, 4, CLOCK);
export const ASYNC_PF_EN = register('MSR_KVM_ASYNC_PF_EN', 0x4b56_4d02, 4, {
  ENABLED: { at: 0 },
  SEND_ALWAYS: { at: 1, doc: 'also at CPL 0' },
  DELIVERY_AS_PF_VMEXIT: { at: 2 },
  DELIVERY_AS_INT: { at: 3, doc: 'a page that is ready raises an interrupt' },
  RESERVED: { at: [5, 4], access: 'reserved' },
  ...BLOCK,
});
export const STEAL_TIME = register('MSR_KVM_STEAL_TIME', 0x4b56_4d03, 4, {
  ENABLED: { at: 0 },
  RESERVED: { at: [5, 1], access: 'reserved' },
  ...BLOCK,
});
export const PV_EOI_EN = register('MSR_KVM_PV_EOI_EN', 0x4b56_4d04, 4, {
  ENABLED: { at: 0 },
  RESERVED: { at: 1, access: 'reserved' },
  ...ADDRESS,
});
export const POLL_CONTROL = register(
  'MSR_KVM_POLL_CONTROL',
  0x4b56_4d05,
  4,
  { POLL: { at: 0, doc: 'the host may poll before it halts a processor' } },
  { reset: 1 },
);
export const ASYNC_PF_INT = register('MSR_KVM_ASYNC_PF_INT', 0x4b56_4d06, 4, { VECTOR: { at: [7, 0] } });
export const ASYNC_PF_ACK = register(
  'MSR_KVM_ASYNC_PF_ACK',
  0x4b56_4d07,
  4,
  { ACK: { at: 0, doc: 'the next page, please' } },
  { access: 'wo' },
);

/** An MSR: its register, the feature that it needs, and what of both words must be 0. */
export interface Msr {
  readonly register: Register;
  readonly feature: number;
  readonly reserved: readonly [low: number, high: number];
}

const msr = (of: Register, feature: number, low = 0, high = 0): Msr => ({
  register: of,
  feature,
  reserved: [low, high],
});

export const MSRS: readonly Msr[] = [
  msr(WALL_CLOCK, F.CLOCKSOURCE),
  msr(SYSTEM_TIME, F.CLOCKSOURCE),
  msr(WALL_CLOCK_NEW, F.CLOCKSOURCE2),
  msr(SYSTEM_TIME_NEW, F.CLOCKSOURCE2),
  msr(ASYNC_PF_EN, F.ASYNC_PF, ASYNC_PF_EN.mask.RESERVED),
  msr(STEAL_TIME, F.STEAL_TIME, STEAL_TIME.mask.RESERVED),
  msr(PV_EOI_EN, F.PV_EOI, PV_EOI_EN.mask.RESERVED),
  msr(POLL_CONTROL, F.POLL_CONTROL, ~POLL_CONTROL.mask.POLL >>> 0, 0xffff_ffff),
  msr(ASYNC_PF_INT, F.ASYNC_PF_INT, ~ASYNC_PF_INT.mask.VECTOR >>> 0, 0xffff_ffff),
  msr(ASYNC_PF_ACK, F.ASYNC_PF_INT),
];

/** The MSR of a number; undefined for none of KVM's. */
export function msrOf(index: number): Msr | undefined {
  return MSRS.find(({ register: { offset } }) => offset === index);
}

/** Numbers that are KVM's, whether or not there is an MSR: those of the old clock, and a block. */
export function isKvmMsr(index: number): boolean {
  return index === WALL_CLOCK.offset || index === SYSTEM_TIME.offset || index >>> 8 === 0x4b_564d;
}

/** A processor's clock, 32 bytes. */
export const pvclock_vcpu_time_info = struct('pvclock_vcpu_time_info', 'le', {
  version: 'u32',
  pad0: 'u32',
  tsc_timestamp: 'u64',
  system_time: 'u64',
  tsc_to_system_mul: 'u32',
  tsc_shift: 'u8',
  flags: 'u8',
  pad: { bytes: 2 },
});
/** Its flags. */
export const PVCLOCK_FLAGS = register('pvclock_vcpu_time_info.flags', 29, 1, {
  TSC_STABLE: { at: 0, doc: 'the clocks of all processors agree' },
  GUEST_STOPPED: { at: 1, doc: 'the host had paused the guest' },
});

/** The date when system time was 0. */
export const pvclock_wall_clock = struct('pvclock_wall_clock', 'le', {
  version: 'u32',
  sec: 'u32',
  nsec: 'u32',
});

export const kvm_steal_time = struct('kvm_steal_time', 'le', {
  steal: 'u64',
  version: 'u32',
  flags: 'u32',
  preempted: 'u8',
  u8_pad: { bytes: 3 },
  pad: { bytes: 44 },
});
export const VCPU_PREEMPTED = 1;

export const kvm_vcpu_pv_apf_data = struct('kvm_vcpu_pv_apf_data', 'le', {
  flags: 'u32',
  token: 'u32',
  pad: { bytes: 56 },
});

/** Of the word that PV_EOI_EN names: the guest may clear it in place of an EOI. */
export const KVM_PV_EOI = 1;
export const PV_EOI_BYTES = 4;

/** The structure that an MSR names, by what is to be aligned. */
export interface Shared {
  readonly bytes: number;
  readonly align: number;
}

/** By the number of the MSR. */
export const SHARED: ReadonlyMap<number, Shared> = new Map([
  [WALL_CLOCK.offset, { bytes: pvclock_wall_clock.size, align: 4 }],
  [WALL_CLOCK_NEW.offset, { bytes: pvclock_wall_clock.size, align: 4 }],
  [SYSTEM_TIME.offset, { bytes: pvclock_vcpu_time_info.size, align: 4 }],
  [SYSTEM_TIME_NEW.offset, { bytes: pvclock_vcpu_time_info.size, align: 4 }],
  [ASYNC_PF_EN.offset, { bytes: kvm_vcpu_pv_apf_data.size, align: 64 }],
  [STEAL_TIME.offset, { bytes: kvm_steal_time.size, align: 64 }],
  [PV_EOI_EN.offset, { bytes: PV_EOI_BYTES, align: 4 }],
]);

/** Hypercalls, with the feature that each needs. */
export const HYPERCALL = { KICK_CPU: 5, SEND_IPI: 10, SCHED_YIELD: 11, MAP_GPA_RANGE: 12 } as const;
export const HYPERCALL_FEATURE: ReadonlyMap<number, number> = new Map([
  [HYPERCALL.KICK_CPU, F.PV_UNHALT],
  [HYPERCALL.SEND_IPI, F.PV_SEND_IPI],
  [HYPERCALL.SCHED_YIELD, F.PV_SCHED_YIELD],
  [HYPERCALL.MAP_GPA_RANGE, F.HC_MAP_GPA_RANGE],
]);
/** What an unknown one returns, as 32 bits. */
export const KVM_ENOSYS = -1000 >>> 0;
