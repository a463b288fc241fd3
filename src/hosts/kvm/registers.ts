import { struct } from '../../core/struct.ts';

/** Requests of x86-64, as Linux's include/uapi/linux/kvm.h makes their numbers. */
export const KVM = {
  GET_API_VERSION: 0xae00,
  CREATE_VM: 0xae01,
  GET_VCPU_MMAP_SIZE: 0xae04,
  GET_SUPPORTED_CPUID: 0xc008_ae05,
  CREATE_VCPU: 0xae41,
  SET_USER_MEMORY_REGION: 0x4020_ae46,
  SET_TSS_ADDR: 0xae47,
  SET_IDENTITY_MAP_ADDR: 0x4008_ae48,
  RUN: 0xae80,
  GET_REGS: 0x8090_ae81,
  SET_REGS: 0x4090_ae82,
  GET_SREGS: 0x8138_ae83,
  SET_SREGS: 0x4138_ae84,
  INTERRUPT: 0x4004_ae86,
  SET_SIGNAL_MASK: 0x4004_ae8b,
  SET_CPUID2: 0x4008_ae90,
} as const;

/** The only version since Linux 2.6.22. */
export const API_VERSION = 12;

/** Why a processor returned. */
export const EXIT = {
  io: 2,
  hlt: 5,
  mmio: 6,
  irqWindow: 7,
  shutdown: 8,
  failEntry: 9,
  setTpr: 11,
  internalError: 17,
} as const;

/** Of an internal error: KVM does not know the instruction. */
export const INTERNAL_ERROR_EMULATION = 1;
/** Of its flags: the bytes of the instruction follow. */
export const HAS_INSTRUCTION = 1;

/** How `kvm_run` begins. Behind it stands one of the exits. */
export const kvm_run = struct('kvm_run', 'le', {
  request_interrupt_window: 'u8',
  immediate_exit: 'u8',
  padding1: { bytes: 6 },
  exit_reason: 'u32',
  ready_for_interrupt_injection: 'u8',
  if_flag: 'u8',
  flags: 'u16',
  cr8: 'u64',
  apic_base: 'u64',
});
/** Behind `kvm_run`: a port access; its bytes lie `data_offset` from the beginning of `kvm_run`. */
export const kvm_exit_io = struct('kvm_exit_io', 'le', {
  direction: 'u8',
  size: 'u8',
  port: 'u16',
  count: 'u32',
  data_offset: 'u64',
});
/** Behind `kvm_run`: an access to memory without RAM. */
export const kvm_exit_mmio = struct('kvm_exit_mmio', 'le', {
  phys_addr: 'u64',
  data: { bytes: 8 },
  len: 'u32',
  is_write: 'u8',
});
/** Behind `kvm_run`: what KVM cannot do. */
export const kvm_exit_internal = struct('kvm_exit_internal', 'le', {
  suberror: 'u32',
  ndata: 'u32',
  flags: 'u64',
  insn_size: 'u8',
  insn_bytes: { bytes: 15 },
});

export const kvm_userspace_memory_region = struct('kvm_userspace_memory_region', 'le', {
  slot: 'u32',
  flags: 'u32',
  guest_phys_addr: 'u64',
  memory_size: 'u64',
  userspace_addr: 'u64',
});

export const kvm_regs = struct('kvm_regs', 'le', {
  rax: 'u64',
  rbx: 'u64',
  rcx: 'u64',
  rdx: 'u64',
  rsi: 'u64',
  rdi: 'u64',
  rsp: 'u64',
  rbp: 'u64',
  r8: 'u64',
  r9: 'u64',
  r10: 'u64',
  r11: 'u64',
  r12: 'u64',
  r13: 'u64',
  r14: 'u64',
  r15: 'u64',
  rip: 'u64',
  rflags: 'u64',
});

export const kvm_segment = struct('kvm_segment', 'le', {
  base: 'u64',
  limit: 'u32',
  selector: 'u16',
  type: 'u8',
  present: 'u8',
  dpl: 'u8',
  db: 'u8',
  s: 'u8',
  l: 'u8',
  g: 'u8',
  avl: 'u8',
  unusable: 'u8',
  padding: 'u8',
});
/** Segments as `kvm_segment`; a table is its base, its limit and padding. */
export const kvm_sregs = struct('kvm_sregs', 'le', {
  cs: { bytes: kvm_segment.size },
  others: { bytes: 7 * kvm_segment.size },
  gdt: { bytes: 16 },
  idt: { bytes: 16 },
  cr0: 'u64',
  cr2: 'u64',
  cr3: 'u64',
  cr4: 'u64',
  cr8: 'u64',
  efer: 'u64',
  apic_base: 'u64',
  interrupt_bitmap: { bytes: 32 },
});

/** Before its entries. */
export const kvm_cpuid2 = struct('kvm_cpuid2', 'le', { nent: 'u32', padding: 'u32' });
export const kvm_cpuid_entry2 = struct('kvm_cpuid_entry2', 'le', {
  function: 'u32',
  index: 'u32',
  flags: 'u32',
  eax: 'u32',
  ebx: 'u32',
  ecx: 'u32',
  edx: 'u32',
  padding: { bytes: 12 },
});
