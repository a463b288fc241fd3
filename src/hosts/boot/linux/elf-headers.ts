import { struct } from '../../../core/struct.ts';

/** System V ABI, object files: the header of a 32-bit file, and an entry of its program header table. */
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
/** The same for a 64-bit file. */
const elf64_hdr = struct('elf64_hdr', 'le', {
  e_ident: { bytes: 16 },
  e_type: 'u16',
  e_machine: 'u16',
  e_version: 'u32',
  e_entry: 'u64',
  e_phoff: 'u64',
  e_shoff: 'u64',
  e_flags: 'u32',
  e_ehsize: 'u16',
  e_phentsize: 'u16',
  e_phnum: 'u16',
});
const elf64_phdr = struct('elf64_phdr', 'le', {
  p_type: 'u32',
  p_flags: 'u32',
  p_offset: 'u64',
  p_vaddr: 'u64',
  p_paddr: 'u64',
  p_filesz: 'u64',
  p_memsz: 'u64',
  p_align: 'u64',
});

/** A file's header, of either class. */
interface ElfHeader {
  readonly e_machine: number;
  readonly e_entry: number;
  readonly e_phoff: number;
  readonly e_phentsize: number;
  readonly e_phnum: number;
}

/** A program header, of either class. Virtual addresses are numbers, exact to 53 bits. */
interface ProgramHeader {
  readonly p_type: number;
  readonly p_offset: number;
  readonly p_vaddr: bigint;
  readonly p_paddr: number;
  readonly p_filesz: number;
  readonly p_memsz: number;
}

/** The layout of one class of files. */
export interface ElfClass {
  /** Of the file's header. */
  readonly size: number;
  /** Of a program header. */
  readonly phentsize: number;
  header(bytes: Uint8Array): ElfHeader;
  program(bytes: Uint8Array, at: number): ProgramHeader;
}

export const ELF32: ElfClass = {
  size: elf32_hdr.size,
  phentsize: elf32_phdr.size,
  header: (bytes) => elf32_hdr.decode(bytes),
  program(bytes, at) {
    const header = elf32_phdr.decode(bytes, at);
    return { ...header, p_vaddr: BigInt(header.p_vaddr) };
  },
};

export const ELF64: ElfClass = {
  size: elf64_hdr.size,
  phentsize: elf64_phdr.size,
  header(bytes) {
    const header = elf64_hdr.decode(bytes);
    return { ...header, e_entry: Number(header.e_entry), e_phoff: Number(header.e_phoff) };
  },
  program(bytes, at) {
    const { p_type, p_vaddr, p_offset, p_paddr, p_filesz, p_memsz } = elf64_phdr.decode(bytes, at);
    return {
      p_type,
      p_vaddr,
      p_offset: Number(p_offset),
      p_paddr: Number(p_paddr),
      p_filesz: Number(p_filesz),
      p_memsz: Number(p_memsz),
    };
  },
};
