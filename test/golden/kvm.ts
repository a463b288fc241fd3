/** Linux 6.12, typed in from Documentation/virt/kvm/x86/cpuid.rst and msr.rst. Columns as in `table.ts`. */
export const KVM: Readonly<Record<string, string>> = {
  'kvm/registers.ts': `
    KVM_CPUID_FEATURES           | 1/4        | 0 | 0        | 0 | 0 | CLOCKSOURCE=0 NOP_IO_DELAY=1 MMU_OP=2 CLOCKSOURCE2=3 ASYNC_PF=4 STEAL_TIME=5 PV_EOI=6 PV_UNHALT=7 PV_TLB_FLUSH=9 ASYNC_PF_VMEXIT=10 PV_SEND_IPI=11 POLL_CONTROL=12 PV_SCHED_YIELD=13 ASYNC_PF_INT=14 MSI_EXT_DEST_ID=15 HC_MAP_GPA_RANGE=16 MIGRATION_CONTROL=17 CLOCKSOURCE_STABLE_BIT=24
    MSR_KVM_WALL_CLOCK           | 11/4       | 0 | fffffffc | 0 | 0 | ADDRESS=31:2
    MSR_KVM_SYSTEM_TIME          | 12/4       | 0 | fffffffd | 0 | 0 | ENABLE=0 ADDRESS=31:2
    MSR_KVM_WALL_CLOCK_NEW       | 4b564d00/4 | 0 | fffffffc | 0 | 0 | ADDRESS=31:2
    MSR_KVM_SYSTEM_TIME_NEW      | 4b564d01/4 | 0 | fffffffd | 0 | 0 | ENABLE=0 ADDRESS=31:2
    MSR_KVM_ASYNC_PF_EN          | 4b564d02/4 | 0 | ffffffcf | 0 | 0 | ENABLED=0 SEND_ALWAYS=1 DELIVERY_AS_PF_VMEXIT=2 DELIVERY_AS_INT=3 RESERVED=5:4 ADDRESS=31:6
    MSR_KVM_STEAL_TIME           | 4b564d03/4 | 0 | ffffffc1 | 0 | 0 | ENABLED=0 RESERVED=5:1 ADDRESS=31:6
    MSR_KVM_PV_EOI_EN            | 4b564d04/4 | 0 | fffffffd | 0 | 0 | ENABLED=0 RESERVED=1 ADDRESS=31:2
    MSR_KVM_POLL_CONTROL         | 4b564d05/4 | 1 | 1        | 0 | 0 | POLL=0
    MSR_KVM_ASYNC_PF_INT         | 4b564d06/4 | 0 | ff       | 0 | 0 | VECTOR=7:0
    MSR_KVM_ASYNC_PF_ACK         | 4b564d07/4 | 0 | 1        | 0 | 0 | ACK=0
    pvclock_vcpu_time_info.flags | 1d/1       | 0 | 3        | 0 | 0 | TSC_STABLE=0 GUEST_STOPPED=1
  `,
};
