import { type E820Entry, endOfRam } from '../../../acpi/tables.ts';
import { type Gpa, hex } from '../../../core/bits.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import { MisuseError } from '../../../core/misuse.ts';
import type { Decoded } from '../../../core/struct.ts';
import { fileKind } from '../../../media/file-kind.ts';
import { BOOT_FLAG, HDRS, SETUP_HEADER_AT, setup_header } from '../linux/boot-params.ts';
import { isElf, readElf } from '../linux/elf-image.ts';
import { HIGH, type KernelImage, noKernel, placeKernel, wrongKernel } from '../linux/image.ts';
import { startCode } from '../linux/start-code.ts';
import {
  ASKS,
  HEADER_2,
  HEADER_LEAST,
  HEADER_MAGIC,
  HEADER_WITHIN,
  LOADER_MAGIC,
  multiboot_header,
  multiboot_info,
  multiboot_mmap_entry,
  multiboot_module,
  TELLS,
} from './structures.ts';

/** What goes into RAM with the kernel. */
interface MultibootPayload {
  /** The one module. */
  readonly initrd?: Uint8Array | undefined;
  /** The command line. */
  readonly append?: string | undefined;
  readonly memoryMap: readonly E820Entry[];
  /** There is a VGA, in text mode. */
  readonly vga: boolean;
}

/** Below 640 KiB, a page or more each; the command line may be long. */
const INFO = 0x1_0000;
const MODULES = 0x1_1000;
const MODULE_NAME = 0x1_1100;
const LOADER_NAME = 0x1_1200;
const MEMORY_MAP = 0x1_2000;
const COMMAND_LINE = 0x2_0000;
const KIBIBYTE = 1024;
const TOLD = TELLS.memory | TELLS.cmdline | TELLS.mmap | TELLS.name;
/** Mode 3 of a VGA, as a BIOS leaves it: 80 by 25 words of text. */
const TEXT = {
  framebuffer_addr: 0xb_8000n,
  framebuffer_pitch: 160,
  framebuffer_width: 80,
  framebuffer_height: 25,
  framebuffer_bpp: 16,
  framebuffer_type: 2,
} as const;

/**
 * Loads a Multiboot kernel and its boot information into RAM, and the code that starts it before the reset
 * vector.
 *
 * @throws MisuseError if it does not fit.
 */
export function loadMultiboot(memory: GuestMemory, kernel: KernelImage, payload: MultibootPayload): void {
  const { initrd, append = '', memoryMap, vga } = payload;
  const command = text(append);
  const end = endOfRam(memoryMap);
  const lower = memoryMap[0]!.size;
  if (COMMAND_LINE + command.length > lower)
    throw new MisuseError('append', append.length, `at most ${lower - COMMAND_LINE - 1} bytes`);
  const module = placeKernel(memory, kernel, initrd ?? new Uint8Array(0), end);
  const map = memoryMapBytes(memoryMap);
  memory.write(COMMAND_LINE, command);
  memory.write(LOADER_NAME, text('guestrig'));
  memory.write(MODULE_NAME, text('initrd'));
  memory.write(MEMORY_MAP, map);
  if (initrd !== undefined) memory.write(MODULES, moduleBytes(module, initrd.length));
  memory.write(
    INFO,
    multiboot_info.encode({
      flags: TOLD | (initrd === undefined ? 0 : TELLS.mods) | (vga ? TELLS.framebuffer : 0),
      mem_lower: Math.floor(lower / KIBIBYTE),
      mem_upper: (end - HIGH) / KIBIBYTE,
      cmdline: COMMAND_LINE,
      mods_count: initrd === undefined ? 0 : 1,
      mods_addr: MODULES,
      mmap_length: map.length,
      mmap_addr: MEMORY_MAP,
      boot_loader_name: LOADER_NAME,
      ...(vga ? TEXT : {}),
    }),
  );
  const registers = { eax: LOADER_MAGIC, ebx: INFO, esi: 0 };
  for (const { at, bytes } of startCode(kernel.entry, registers)) memory.write(at, bytes);
}

function moduleBytes(at: Gpa, length: number): Uint8Array {
  return multiboot_module.encode({ mod_start: at, mod_end: at + length, string: MODULE_NAME });
}

function memoryMapBytes(map: readonly E820Entry[]): Uint8Array {
  const { size } = multiboot_mmap_entry;
  const bytes = new Uint8Array(map.length * size);
  for (const [i, { base, size: length, type }] of map.entries())
    multiboot_mmap_entry.encode(
      { size: size - 4, base_addr: BigInt(base), length: BigInt(length), type },
      bytes,
      i * size,
    );
  return bytes;
}

function text(words: string): Uint8Array {
  return new TextEncoder().encode(`${words}\0`);
}

type Header = Decoded<typeof multiboot_header.members>;

const KNOWN = ASKS.alignedModules | ASKS.memory | ASKS.video;

/**
 * A kernel with a header of Multiboot 1. A file that is also a bzImage is booted by Linux's protocol.
 *
 * @param wide there is a processor of 64 bits, which also begins with code of 32 bits.
 * @returns null if there is no such header.
 * @throws MisuseError, in one line, for a header that cannot be obeyed.
 */
export function readMultiboot(bytes: Uint8Array, wide: boolean): KernelImage | null {
  const at = headerIn(bytes);
  if (isBzImage(bytes)) return null;
  if (at < 0) return withoutHeader(bytes);
  const whole = new Uint8Array(multiboot_header.size);
  whole.set(bytes.subarray(at, at + whole.length));
  const header = multiboot_header.decode(whole);
  const unknown = header.flags & ASKS.needed & ~KNOWN;
  if (unknown !== 0) throw wrongKernel(`asks for what no Multiboot loader knows (flags ${hex(unknown, 4)})`);
  // For a processor of 32 bits a 64-bit file is refused by its ELF header, whatever addresses there are beside it.
  if (isElf(bytes) && (!hasAddresses(header) || (bytes[4] !== 1 && !wide)))
    return { ...readElf(bytes, wide), wide: false };
  if (hasAddresses(header)) return readFlat(bytes, at, header);
  // This is the case for Xen's EFI program.
  if (fileKind(bytes) !== null) throw noKernel(bytes);
  throw wrongKernel('has a Multiboot header without addresses, and is no ELF file');
}

/** A kernel with a header of Multiboot 2 alone expects that version's boot information. */
function withoutHeader(bytes: Uint8Array): null {
  if (hasMultiboot2(bytes))
    throw wrongKernel(
      'has a header of Multiboot 2 alone, and Multiboot 1 is what is started: give it a header of that, too',
    );
  return null;
}

function hasAddresses({ flags }: Header): boolean {
  return (flags & ASKS.addresses) !== 0;
}

/** Magic, flags and checksum add up to 0. */
function headerIn(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const last = Math.min(bytes.length, HEADER_WITHIN) - HEADER_LEAST;
  for (let at = 0; at <= last; at += 4) {
    if (view.getUint32(at, true) !== HEADER_MAGIC) continue;
    const sum = HEADER_MAGIC + view.getUint32(at + 4, true) + view.getUint32(at + 8, true);
    if (sum >>> 0 === 0) return at;
  }
  return -1;
}

/** Magic, architecture, length and checksum add up to 0; it stands on 8 bytes. */
function hasMultiboot2(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const last = Math.min(bytes.length, HEADER_2.within) - HEADER_2.least;
  for (let at = 0; at <= last; at += 8) {
    if (view.getUint32(at, true) !== HEADER_2.magic) continue;
    const rest = view.getUint32(at + 4, true) + view.getUint32(at + 8, true) + view.getUint32(at + 12, true);
    if ((HEADER_2.magic + rest) >>> 0 === 0) return true;
  }
  return false;
}

function isBzImage(bytes: Uint8Array): boolean {
  if (bytes.length < SETUP_HEADER_AT + setup_header.size) return false;
  const { boot_flag, header } = setup_header.decode(bytes, SETUP_HEADER_AT);
  return boot_flag === BOOT_FLAG && header === HDRS;
}

/** 3.1.3, the address fields: the file goes to one place, as it is. */
function readFlat(bytes: Uint8Array, at: number, header: Header): KernelImage {
  const { header_addr, load_addr, load_end_addr, bss_end_addr, entry_addr } = header;
  const from = at - (header_addr - load_addr);
  const length = load_end_addr === 0 ? bytes.length - from : load_end_addr - load_addr;
  if (header_addr < load_addr || from < 0)
    throw wrongKernel(`has its Multiboot header at ${hex(header_addr, 8)}, which is not what it loads`);
  if (load_addr < HIGH) throw wrongKernel(`is to be loaded at ${hex(load_addr, 8)}, below 1 MiB`);
  if (length <= 0 || from + length > bytes.length)
    throw wrongKernel(`was cut off: it loads ${length} bytes from ${from}, and has ${bytes.length}`);
  const size = Math.max(length, bss_end_addr - load_addr);
  if (entry_addr < load_addr || entry_addr >= load_addr + size)
    throw wrongKernel(`has an entry_addr of ${hex(entry_addr, 8)}, which is not what it loads`);
  const pieces = [{ at: load_addr, bytes: bytes.subarray(from, from + length), size }];
  return { pieces, entry: entry_addr, wide: false, header: null, end: load_addr + size };
}
