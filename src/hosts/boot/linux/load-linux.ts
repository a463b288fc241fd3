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
  XLF_KERNEL_64,
  ZERO_PAGE_SIZE,
} from './boot-params.ts';
import { isElf, readElf } from './elf-image.ts';
import { HIGH, type KernelImage, noKernel, placeKernel, wideKernel, wrongKernel } from './image.ts';
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

const SECTOR = 512;
/** The unit of syssize. */
const PARAGRAPH = 16;
/** setup_sects of 0 means 4. */
const SETUP_SECTS_DEFAULT = 4;

/** Protocol 2.06, of 2007: the oldest with all fields that we fill in. Later fields are absent from an older header. */
const VERSION_MIN = 0x0206;
const SINCE = { payload: 0x0208, init_size: 0x020a, xloadflags: 0x020c } as const;

/**
 * Where a bzImage's code is loaded and begins: boot protocol, "Loading the rest of the kernel". Even one with 64-bit
 * code begins with 32-bit code.
 *
 * @param wide there is a processor of 64 bits.
 * @throws MisuseError, in one line, for a header that does not match the file.
 */
function readBzImage(bytes: Uint8Array, wide: boolean): KernelImage {
  if (bytes.length < SETUP_HEADER_AT + setup_header.size) throw noKernel(bytes);
  const header = setup_header.decode(bytes, SETUP_HEADER_AT);
  const { boot_flag, version, loadflags, xloadflags, syssize, init_size } = header;
  if (boot_flag !== BOOT_FLAG || header.header !== HDRS) throw noKernel(bytes);
  if (version < VERSION_MIN)
    throw wrongKernel(
      `has boot protocol ${text(version)}, and ${text(VERSION_MIN)} is the oldest that is started`,
    );
  const has64 = version >= SINCE.xloadflags && (xloadflags & XLF_KERNEL_64) !== 0;
  if (has64 && !wide) throw wideKernel('an x86-64 bzImage');
  if ((loadflags & LOADED_HIGH) === 0) throw wrongKernel('is a zImage, and a bzImage is wanted');
  // iPXE's lkrn, which calls the BIOS that has loaded it.
  if (header.code32_start === 0)
    throw wrongKernel(
      "has no 32-bit entry (code32_start is 0), as iPXE's lkrn: it wants a BIOS that loads it from a disk",
    );
  const sectors = header.setup_sects || SETUP_SECTS_DEFAULT;
  const code = bytes.subarray((1 + sectors) * SECTOR);
  if (code.length === 0) throw wrongKernel(`was cut off within its ${sectors} sectors of setup`);
  if (Math.ceil(code.length / PARAGRAPH) < syssize)
    throw wrongKernel(`was cut off: of ${syssize * PARAGRAPH} bytes of code ${code.length} are there`);
  const { payload_offset, payload_length } = header;
  if (version >= SINCE.payload && payload_offset + payload_length > code.length)
    throw wrongKernel('has a payload beyond the end of its file');
  const size = Math.max(code.length, version >= SINCE.init_size ? init_size : 0);
  // From there it moves itself up, before it unpacks itself.
  const home = has64 ? Math.max(HIGH, Number(header.pref_address)) : HIGH;
  const pieces = [{ at: HIGH, bytes: code, size: code.length }];
  return { pieces, entry: HIGH, wide: false, header, end: home + size };
}

function text(version: number): string {
  return `${version >> 8}.${String(version & 0xff).padStart(2, '0')}`;
}

/**
 * A `vmlinux` or a bzImage.
 *
 * @param wide there is a processor of 64 bits.
 * @throws MisuseError, in one line, for a file that is not an x86 Linux kernel, or not one for a 32-bit
 * processor.
 */
export function readKernel(bytes: Uint8Array, wide = false): KernelImage {
  return isElf(bytes) ? readElf(bytes, wide) : readBzImage(bytes, wide);
}
