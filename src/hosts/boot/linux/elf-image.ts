import { hex } from '../../../core/bits.ts';
import { struct } from '../../../core/struct.ts';
import { ELF, isKind } from '../../../media/magics.ts';
import { HIGH, type KernelImage, noKernel, type Piece, wideKernel, wrongKernel } from './image.ts';

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
interface ElfClass {
  /** Of the file's header. */
  readonly size: number;
  /** Of a program header. */
  readonly phentsize: number;
  header(bytes: Uint8Array): ElfHeader;
  program(bytes: Uint8Array, at: number): ProgramHeader;
}

const ELF32: ElfClass = {
  size: elf32_hdr.size,
  phentsize: elf32_phdr.size,
  header: (bytes) => elf32_hdr.decode(bytes),
  program(bytes, at) {
    const header = elf32_phdr.decode(bytes, at);
    return { ...header, p_vaddr: BigInt(header.p_vaddr) };
  },
};

const ELF64: ElfClass = {
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

/** A segment, and its address once its kernel has paging on. */
interface Segment extends Piece {
  readonly p_vaddr: bigint;
}

const CLASS_AT = 4;
const CLASS_64 = 2;
const MACHINE_386 = 3;
const MACHINE_X86_64 = 62;
const PT_LOAD = 1;

export function isElf(bytes: Uint8Array): boolean {
  return isKind(ELF, bytes);
}

/**
 * @param wide there is a processor of 64 bits.
 * @throws MisuseError, in one line, for an invalid header, and for segments that no loader could place.
 */
export function readElf(bytes: Uint8Array, wide: boolean): KernelImage {
  if (bytes.length < ELF32.size) throw noKernel(bytes);
  const format = classOf(bytes, wide);
  const { e_entry, e_phoff, e_phentsize, e_phnum } = format.header(bytes);
  if (e_phentsize !== format.phentsize)
    throw wrongKernel(
      `has an e_phentsize of ${e_phentsize}, and a program header has ${format.phentsize} bytes`,
    );
  if (e_phoff + e_phentsize * e_phnum > bytes.length)
    throw wrongKernel('has program headers beyond the end of its file');
  const segments = Array.from({ length: e_phnum }, (_, i) => segmentOf(bytes, format, e_phoff, i)).filter(
    (segment) => segment !== null,
  );
  if (segments.length === 0) throw wrongKernel('has no segment that is to be loaded');
  checkApart(segments);
  return {
    pieces: segments,
    entry: entryIn(segments, e_entry),
    wide: format === ELF64,
    header: null,
    end: Math.max(...segments.map(({ at, size }) => at + size)),
  };
}

function classOf(bytes: Uint8Array, wide: boolean): ElfClass {
  const { e_machine } = ELF32.header(bytes);
  const is64 = bytes[CLASS_AT] === CLASS_64;
  if (e_machine === MACHINE_386 && !is64) return ELF32;
  if (e_machine !== MACHINE_X86_64) throw noKernel(bytes);
  if (!wide) throw wideKernel('an x86-64 ELF file');
  if (!is64 || bytes.length < ELF64.size) throw noKernel(bytes);
  return ELF64;
}

/** Linux gives its entry as a physical address; others as the virtual one that it has with paging on. */
function entryIn(segments: readonly Segment[], e_entry: number): number {
  if (segments.some(({ at, size }) => e_entry >= at && e_entry < at + size)) return e_entry;
  const offsetIn = ({ p_vaddr }: Segment) => Number(BigInt(e_entry) - p_vaddr);
  const later = segments.find((segment) => offsetIn(segment) >= 0 && offsetIn(segment) < segment.size);
  if (later === undefined)
    throw wrongKernel(`has an e_entry of ${hex(e_entry, 8)}, which lies in no segment`);
  return later.at + offsetIn(later);
}

/** Null for a segment that is not loaded, or is empty. */
function segmentOf(bytes: Uint8Array, format: ElfClass, e_phoff: number, index: number): Segment | null {
  const at = e_phoff + index * format.phentsize;
  const { p_type, p_offset, p_filesz, p_vaddr, p_paddr, p_memsz } = format.program(bytes, at);
  if (p_type !== PT_LOAD || p_memsz === 0) return null;
  const segment = `has a segment ${index}`;
  if (p_offset + p_filesz > bytes.length) throw wrongKernel(`${segment} beyond the end of its file`);
  if (p_filesz > p_memsz)
    throw wrongKernel(`${segment} with more bytes in the file (${p_filesz}) than in memory (${p_memsz})`);
  if (p_paddr < HIGH) throw wrongKernel(`${segment} at ${hex(p_paddr, 8)}, below 1 MiB`);
  return { at: p_paddr, bytes: bytes.subarray(p_offset, p_offset + p_filesz), size: p_memsz, p_vaddr };
}

function checkApart(pieces: readonly Piece[]): void {
  const sorted = [...pieces].sort((a, b) => a.at - b.at);
  const clash = sorted.find((piece, i) => i > 0 && sorted[i - 1]!.at + sorted[i - 1]!.size > piece.at);
  if (clash !== undefined) throw wrongKernel(`has segments that overlap at ${hex(clash.at, 8)}`);
}
