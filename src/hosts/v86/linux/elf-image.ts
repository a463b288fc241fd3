import { hex } from '../../../core/bits.ts';
import { struct } from '../../../core/struct.ts';
import { ELF, isKind } from '../../../media/magics.ts';
import { HIGH, type KernelImage, noKernel, type Piece, wideKernel, wrongKernel } from './image.ts';

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
/** A piece, and the address that it has once its kernel has paging on. */
interface Segment extends Piece {
  readonly p_vaddr: number;
}

const CLASS_AT = 4;
const CLASS_64 = 2;
const MACHINE_386 = 3;
const MACHINE_X86_64 = 62;
const PT_LOAD = 1;

export function isElf(bytes: Uint8Array): boolean {
  return isKind(ELF, bytes);
}

/** @throws MisuseError, in one line, for a header that is not kept, and for segments that no loader could place. */
export function readElf(bytes: Uint8Array): KernelImage {
  if (bytes.length < elf32_hdr.size) throw noKernel(bytes);
  const { e_machine, e_entry, e_phoff, e_phentsize, e_phnum } = elf32_hdr.decode(bytes);
  if (e_machine === MACHINE_X86_64) throw wideKernel('an x86-64 ELF file');
  if (e_machine !== MACHINE_386 || bytes[CLASS_AT] === CLASS_64) throw noKernel(bytes);
  if (e_phentsize !== elf32_phdr.size)
    throw wrongKernel(
      `has an e_phentsize of ${e_phentsize}, and a program header has ${elf32_phdr.size} bytes`,
    );
  if (e_phoff + e_phentsize * e_phnum > bytes.length)
    throw wrongKernel('has program headers beyond the end of its file');
  const segments = Array.from({ length: e_phnum }, (_, i) => segmentOf(bytes, e_phoff, i)).filter(
    (segment) => segment !== null,
  );
  if (segments.length === 0) throw wrongKernel('has no segment that is to be loaded');
  checkApart(segments);
  const entry = entryIn(segments, e_entry);
  return {
    pieces: segments,
    entry,
    header: null,
    end: Math.max(...segments.map(({ at, size }) => at + size)),
  };
}

/** Linux says where its entry is in memory; others say where it will be once they have paging on. */
function entryIn(segments: readonly Segment[], e_entry: number): number {
  if (segments.some(({ at, size }) => e_entry >= at && e_entry < at + size)) return e_entry;
  const later = segments.find(({ p_vaddr, size }) => e_entry >= p_vaddr && e_entry < p_vaddr + size);
  if (later === undefined)
    throw wrongKernel(`has an e_entry of ${hex(e_entry, 8)}, which lies in no segment`);
  return later.at + e_entry - later.p_vaddr;
}

/** Null for a segment that is not loaded, or of no byte. */
function segmentOf(bytes: Uint8Array, e_phoff: number, index: number): Segment | null {
  const at = e_phoff + index * elf32_phdr.size;
  const { p_type, p_offset, p_filesz, p_vaddr, p_paddr, p_memsz } = elf32_phdr.decode(bytes, at);
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
