import { struct } from '../../../core/struct.ts';

/** Linux/x86 boot protocol, 1.1 "The Real-Mode Kernel Header": in a bzImage as in the zero page, from 1F1. */
export const setup_header = struct('setup_header', 'le', {
  setup_sects: 'u8',
  root_flags: 'u16',
  syssize: 'u32',
  ram_size: 'u16',
  vid_mode: 'u16',
  root_dev: 'u16',
  boot_flag: 'u16',
  jump: 'u16',
  header: 'u32',
  version: 'u16',
  realmode_swtch: 'u32',
  start_sys_seg: 'u16',
  kernel_version: 'u16',
  type_of_loader: 'u8',
  loadflags: 'u8',
  setup_move_size: 'u16',
  code32_start: 'u32',
  ramdisk_image: 'u32',
  ramdisk_size: 'u32',
  bootsect_kludge: 'u32',
  heap_end_ptr: 'u16',
  ext_loader_ver: 'u8',
  ext_loader_type: 'u8',
  cmd_line_ptr: 'u32',
  initrd_addr_max: 'u32',
  kernel_alignment: 'u32',
  relocatable_kernel: 'u8',
  min_alignment: 'u8',
  xloadflags: 'u16',
  cmdline_size: 'u32',
  hardware_subarch: 'u32',
  hardware_subarch_data: 'u64',
  payload_offset: 'u32',
  payload_length: 'u32',
  setup_data: 'u64',
  pref_address: 'u64',
  init_size: 'u32',
  handover_offset: 'u32',
  kernel_info_offset: 'u32',
});

export const SETUP_HEADER_AT = 0x1f1;
/** `boot_flag` and `header` ("HdrS") of every kernel since protocol 2.00. */
export const BOOT_FLAG = 0xaa55;
export const HDRS = 0x5372_6448;
/** The kernel has a 64-bit entry point (xloadflags, protocol 2.12). */
export const XLF_KERNEL_64 = 1;

/** Where the zero page has the RSDP's address, 8 bytes, for a kernel that cannot search for it (since Linux 5.0). */
export const ACPI_RSDP_ADDR_AT = 0x70;
/** Where the zero page has the number of memory ranges, and the ranges (include/uapi/asm/bootparam.h). */
export const E820_ENTRIES_AT = 0x1e8;
export const E820_TABLE_AT = 0x2d0;
export const E820_MAX = 128;
export const ZERO_PAGE_SIZE = 4096;

export const boot_e820_entry = struct('boot_e820_entry', 'le', { addr: 'u64', size: 'u64', type: 'u32' });

/** The members of `screen_info` that a text screen needs, from 0 (include/uapi/linux/screen_info.h). */
export const screen_info = struct('screen_info', 'le', {
  orig_x: 'u8',
  orig_y: 'u8',
  ext_mem_k: 'u16',
  orig_video_page: 'u16',
  orig_video_mode: 'u8',
  orig_video_cols: 'u8',
  flags: 'u8',
  unused2: 'u8',
  orig_video_ega_bx: 'u16',
  unused3: 'u16',
  orig_video_lines: 'u8',
  orig_video_isVGA: 'u8',
  orig_video_points: 'u16',
});
