import { struct } from '../../../core/struct.ts';

/** Multiboot Specification 0.6.96, 3.1.1: in the first 8 KiB of a kernel's file, on four bytes. */
export const multiboot_header = struct('multiboot_header', 'le', {
  magic: 'u32',
  flags: 'u32',
  checksum: 'u32',
  header_addr: 'u32',
  load_addr: 'u32',
  load_end_addr: 'u32',
  bss_end_addr: 'u32',
  entry_addr: 'u32',
});
export const HEADER_MAGIC = 0x1bad_b002;
export const HEADER_WITHIN = 8192;
/** The members that every header has; the addresses are there if its flags say so. */
export const HEADER_LEAST = 12;
/** Multiboot2 Specification 2.0, 3.1: in the first 32 KiB, on eight bytes. */
export const HEADER_2 = { magic: 0xe852_50d6, within: 32_768, least: 16 } as const;
/** Flags of the header. The lower sixteen are requirements. */
export const ASKS = { alignedModules: 1, memory: 2, video: 4, needed: 0xffff, addresses: 0x1_0000 } as const;

/** 3.3: what EBX points to. The frame buffer has members of its own from 88 on. */
export const multiboot_info = struct('multiboot_info', 'le', {
  flags: 'u32',
  mem_lower: 'u32',
  mem_upper: 'u32',
  boot_device: 'u32',
  cmdline: 'u32',
  mods_count: 'u32',
  mods_addr: 'u32',
  syms: { bytes: 16 },
  mmap_length: 'u32',
  mmap_addr: 'u32',
  drives_length: 'u32',
  drives_addr: 'u32',
  config_table: 'u32',
  boot_loader_name: 'u32',
  apm_table: 'u32',
  vbe: { bytes: 16 },
  framebuffer_addr: 'u64',
  framebuffer_pitch: 'u32',
  framebuffer_width: 'u32',
  framebuffer_height: 'u32',
  framebuffer_bpp: 'u8',
  framebuffer_type: 'u8',
});
/** Flags of the members that are valid. */
export const TELLS = {
  memory: 1 << 0,
  cmdline: 1 << 2,
  mods: 1 << 3,
  mmap: 1 << 6,
  name: 1 << 9,
  framebuffer: 1 << 12,
} as const;
/** EAX when the kernel begins: 3.2. */
export const LOADER_MAGIC = 0x2bad_b002;

export const multiboot_module = struct('multiboot_module', 'le', {
  mod_start: 'u32',
  mod_end: 'u32',
  string: 'u32',
  reserved: 'u32',
});

/** `size` is the size of the members behind it. */
export const multiboot_mmap_entry = struct('multiboot_mmap_entry', 'le', {
  size: 'u32',
  base_addr: 'u64',
  length: 'u64',
  type: 'u32',
});
