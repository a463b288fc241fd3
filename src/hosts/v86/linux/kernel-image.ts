import { MisuseError } from '../../../core/misuse.ts';
import { type Decoded, struct } from '../../../core/struct.ts';
import { BOOT_FLAG, HDRS, SETUP_HEADER_AT, setup_header, XLF_KERNEL_64 } from './boot-params.ts';

/** A kernel, ready to be put into RAM. */
export interface KernelImage {
  readonly pieces: readonly { readonly at: number; readonly bytes: Uint8Array; readonly size: number }[];
  /** Where 32-bit code begins. */
  readonly entry: number;
  /** The header that a bzImage brings along. */
  readonly header: Decoded<typeof setup_header.members> | null;
  /** The last byte it may use before it reads the memory map. */
  readonly end: number;
}

/** System V ABI, object files: of the header of a 32-bit file, and of an entry of its program header table. */
const elf32_hdr = struct('elf32_hdr', 'le', {
  e_ident: { bytes: 16 },
  e_type: 'u16',
  e_machine: 'u16',
  e_version: 'u32',
  e_entry: 'u32',
  e_phoff: 'u32',
  e_shoff: 'u32',
  e_flags: 'u32',
  e_ehsize: 'u16',
  e_phentsize: 'u16',
  e_phnum: 'u16',
});
const elf32_phdr = struct('elf32_phdr', 'le', {
  p_type: 'u32',
  p_offset: 'u32',
  p_vaddr: 'u32',
  p_paddr: 'u32',
  p_filesz: 'u32',
  p_memsz: 'u32',
  p_flags: 'u32',
  p_align: 'u32',
});
const ELF = [0x7f, 0x45, 0x4c, 0x46];
const CLASS_AT = 4;
const CLASS_64 = 2;
const MACHINE_386 = 3;
const PT_LOAD = 1;

const SECTOR = 512;
/** What syssize counts. */
const PARAGRAPH = 16;
/** setup_sects of 0 means 4. */
const SETUP_SECTS_DEFAULT = 4;
/** Where protected-mode code of a bzImage goes and begins (boot protocol, "Loading the rest of the kernel"). */
const HIGH = 0x10_0000;
/** Protocol 2.06, of 2007: the oldest with all that we fill in. */
const VERSION_MIN = 0x0206;

/**
 * A `vmlinux` or a bzImage.
 *
 * @throws MisuseError, in one line, for what is no 32-bit x86 Linux.
 */
export function readKernel(bytes: Uint8Array, name = 'kernel'): KernelImage {
  if (ELF.every((byte, at) => bytes[at] === byte)) return readElf(bytes, name);
  if (bytes.length < SETUP_HEADER_AT + setup_header.size) throw unknown(name);
  const header = setup_header.decode(bytes, SETUP_HEADER_AT);
  if (header.boot_flag !== BOOT_FLAG || header.header !== HDRS || header.version < VERSION_MIN)
    throw unknown(name);
  if ((header.xloadflags & XLF_KERNEL_64) !== 0) throw is64(name);
  const code = bytes.subarray((1 + (header.setup_sects || SETUP_SECTS_DEFAULT)) * SECTOR);
  if (code.length < header.syssize * PARAGRAPH) throw unknown(name);
  const size = Math.max(code.length, header.init_size);
  return { pieces: [{ at: HIGH, bytes: code, size: code.length }], entry: HIGH, header, end: HIGH + size };
}

function readElf(bytes: Uint8Array, name: string): KernelImage {
  if (bytes[CLASS_AT] === CLASS_64) throw is64(name);
  if (bytes.length < elf32_hdr.size) throw unknown(name);
  const { e_machine, e_entry, e_phoff, e_phentsize, e_phnum } = elf32_hdr.decode(bytes);
  if (e_machine !== MACHINE_386 || e_phoff + e_phentsize * e_phnum > bytes.length) throw unknown(name);
  const pieces = [];
  for (let i = 0; i < e_phnum; i++) {
    const { p_type, p_offset, p_filesz, p_paddr, p_memsz } = elf32_phdr.decode(
      bytes,
      e_phoff + i * e_phentsize,
    );
    if (p_type !== PT_LOAD) continue;
    if (p_offset + p_filesz > bytes.length) throw unknown(name);
    pieces.push({ at: p_paddr, bytes: bytes.subarray(p_offset, p_offset + p_filesz), size: p_memsz });
  }
  if (pieces.length === 0) throw unknown(name);
  return { pieces, entry: e_entry, header: null, end: Math.max(...pieces.map(({ at, size }) => at + size)) };
}

function is64(name: string): MisuseError {
  return new MisuseError(name, '64 bits', 'a 32-bit kernel', 'is a 64-bit kernel, and v86 has a 32-bit CPU');
}

function unknown(name: string): MisuseError {
  return new MisuseError(name, 'a file', 'a kernel', 'is no Linux kernel for x86 (a vmlinux or a bzImage)');
}
