import { type E820Entry, endOfRam } from '../../../acpi/tables.ts';
import type { Gpa } from '../../../core/bits.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import { MisuseError } from '../../../core/misuse.ts';
import {
  ACPI_RSDP_ADDR_AT,
  BOOT_FLAG,
  boot_e820_entry,
  E820_ENTRIES_AT,
  E820_MAX,
  E820_TABLE_AT,
  HDRS,
  SETUP_HEADER_AT,
  screen_info,
  setup_header,
  ZERO_PAGE_SIZE,
} from './boot-params.ts';
import type { KernelImage } from './image.ts';
import { placeKernel } from './image.ts';
import { longStartCode, startCode } from './start-code.ts';

/** What goes into RAM with the kernel. */
interface LinuxPayload {
  readonly initrd?: Uint8Array | undefined;
  /** The command line. */
  readonly append: string;
  readonly memoryMap: readonly E820Entry[];
  /** There is a VGA, in text mode. */
  readonly vga: boolean;
  /** Of a machine with a UEFI. Left out: there is a BIOS. */
  readonly uefi?: UefiTables | undefined;
}

/** Addresses that a kernel would read from the EFI system table, which is not modelled. */
export interface UefiTables {
  readonly rsdp: Gpa;
  /** The SMBIOS entry point. */
  readonly smbios: Uint8Array;
}

const ZERO_PAGE = 0x1_0000;
/** Where a kernel's search for the SMBIOS entry point begins. */
const F_SEGMENT = 0xf_0000;
const COMMAND_LINE = 0x2_0000;
/** COMMAND_LINE_SIZE of x86, the zero byte included. */
const COMMAND_LINE_MAX = 2048;
/** The number for loaders that have none of their own (boot protocol, type_of_loader). */
const LOADER_UNDEFINED = 0xff;
const LOADED_HIGH = 1;
/** The highest address of an initrd, unless the kernel's header gives another. */
const INITRD_MAX = 0x37ff_ffff;
/** The BIOS's mode: mode 3 of a colour VGA, 80 by 25, glyphs of 16 lines. */
const TEXT_MODE = {
  orig_video_mode: 3,
  orig_video_cols: 80,
  orig_video_ega_bx: 3,
  orig_video_lines: 25,
  orig_video_isVGA: 1,
  orig_video_points: 16,
} as const;

/**
 * Puts a kernel and what it needs into RAM, and before the reset vector the code that starts it (Linux,
 * Documentation/arch/x86/boot.rst, "32-bit Boot Protocol", "64-bit Boot Protocol"). A UEFI's tables are placed where a
 * kernel finds them that was started without UEFI services.
 *
 * @throws MisuseError if it does not fit.
 */
export function loadLinux(memory: GuestMemory, kernel: KernelImage, payload: LinuxPayload): void {
  const { append, memoryMap, uefi, initrd = new Uint8Array(0) } = payload;
  const command = new TextEncoder().encode(`${append}\0`);
  if (command.length > COMMAND_LINE_MAX)
    throw new MisuseError('append', append.length, `at most ${COMMAND_LINE_MAX - 1} bytes`);
  const most = (kernel.header?.initrd_addr_max ?? INITRD_MAX) + 1;
  const initrdAt = placeKernel(memory, kernel, initrd, Math.min(endOfRam(memoryMap), most));
  memory.write(COMMAND_LINE, command);
  memory.write(ZERO_PAGE, zeroPage(kernel, initrdAt, initrd.length, payload));
  if (uefi !== undefined) memory.write(F_SEGMENT, uefi.smbios);
  const registers = { eax: 0, ebx: 0, esi: ZERO_PAGE };
  const code = kernel.wide ? longStartCode(kernel.entry, registers) : startCode(kernel.entry, registers);
  for (const { at, bytes } of code) memory.write(at, bytes);
}

function zeroPage(
  kernel: KernelImage,
  ramdisk_image: Gpa,
  ramdisk_size: number,
  { memoryMap: map, vga, uefi }: LinuxPayload,
): Uint8Array {
  const page = new Uint8Array(ZERO_PAGE_SIZE);
  if (vga && uefi === undefined) screen_info.encode(TEXT_MODE, page);
  if (uefi !== undefined) new DataView(page.buffer).setUint32(ACPI_RSDP_ADDR_AT, uefi.rsdp, true);
  if (kernel.header !== null) setup_header.encode(kernel.header, page, SETUP_HEADER_AT);
  setup_header.encode(
    {
      boot_flag: BOOT_FLAG,
      header: HDRS,
      type_of_loader: LOADER_UNDEFINED,
      loadflags: LOADED_HIGH,
      cmd_line_ptr: COMMAND_LINE,
      ...(ramdisk_size === 0 ? {} : { ramdisk_image, ramdisk_size }),
    },
    page,
    SETUP_HEADER_AT,
  );
  page[E820_ENTRIES_AT] = Math.min(map.length, E820_MAX);
  for (const [i, { base, size, type }] of map.slice(0, E820_MAX).entries())
    boot_e820_entry.encode(
      { addr: BigInt(base), size: BigInt(size), type },
      page,
      E820_TABLE_AT + i * boot_e820_entry.size,
    );
  return page;
}
