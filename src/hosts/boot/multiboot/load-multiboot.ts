import { type E820Entry, endOfRam } from '../../../acpi/tables.ts';
import type { Gpa } from '../../../core/bits.ts';
import type { GuestMemory } from '../../../core/memory.ts';
import { MisuseError } from '../../../core/misuse.ts';
import { HIGH, type KernelImage } from '../linux/image.ts';
import { placeKernel } from '../linux/placing.ts';
import { startCode } from '../linux/start-code.ts';
import { LOADER_MAGIC, multiboot_info, multiboot_mmap_entry, multiboot_module, TELLS } from './structures.ts';

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
