import {
  CODE_AT,
  type CodePiece,
  GDT_AT,
  GDTR_AT,
  RESET,
  type StartRegisters,
  u16,
  u32,
} from './start-code.ts';

/** Null, unused, then the segments of the 64-bit boot protocol: flat code at 10h and flat data at 18h. */
const GDT = [
  [0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0],
  [0xff, 0xff, 0, 0, 0, 0x9a, 0xaf, 0],
  [0xff, 0xff, 0, 0, 0, 0x92, 0xcf, 0],
].flat();
const CS = 0x10;
const DS = 0x18;
/** Paging and protection on; ET as every processor since the 486 has it. */
const CR0 = 0x8000_0011;
const CR4_PAE = 0x20;
const EFER = 0xc000_0080;
const EFER_LME = 0x100;

/** The first 4 GiB, each address its own: a PML4, a page of pointers, and a page directory for each GiB. */
const PML4_AT = 0x3_0000;
const DIRECTORIES_AT = 0x3_2000;
const DIRECTORIES = 4;
const PAGE = 4096;
const LARGE_PAGE = 0x20_0000n;
/** Of an entry: present and writable, and a page of its own. */
const TABLE = 0x3n;
const PRESENT_LARGE = 0x83n;

/**
 * Executed from reset until the kernel begins, as the 64-bit boot protocol of Linux requires: long mode, the first 4 GiB
 * mapped to themselves, flat segments, interrupts off.
 */
export function longStartCode(entry: number, { eax, ebx, esi }: StartRegisters): CodePiece[] {
  const longMode = 54;
  const code = [
    [0xfa], // cli
    [0x31, 0xc0], // xor ax, ax
    [0x8e, 0xd8], // mov ds, ax
    [0x66, 0x0f, 0x01, 0x16, ...u16(GDTR_AT)], // lgdt [GDTR_AT]
    [0x66, 0xb8, ...u32(CR4_PAE)], // mov eax, CR4_PAE
    [0x0f, 0x22, 0xe0], // mov cr4, eax
    [0x66, 0xb8, ...u32(PML4_AT)], // mov eax, PML4_AT
    [0x0f, 0x22, 0xd8], // mov cr3, eax
    [0x66, 0xb9, ...u32(EFER)], // mov ecx, EFER
    [0x66, 0xb8, ...u32(EFER_LME)], // mov eax, EFER_LME
    [0x31, 0xd2], // xor dx, dx
    [0x0f, 0x30], // wrmsr
    [0x66, 0xb8, ...u32(CR0)], // mov eax, CR0
    [0x0f, 0x22, 0xc0], // mov cr0, eax
    // longMode:
    [0xea, ...u16(CODE_AT + longMode + 5), ...u16(CS)], // jmp CS:…
    [0x66, 0xb8, ...u16(DS)], // mov ax, DS
    ...[0xd8, 0xc0, 0xd0, 0xe0, 0xe8].map((register) => [0x8e, register]), // mov ds, es, ss, fs, gs, ax
    [0xbe, ...u32(esi)], // mov esi, …
    [0xbb, ...u32(ebx)], // mov ebx, …
    [0x31, 0xed], // xor ebp, ebp
    [0x31, 0xff], // xor edi, edi
    [0xb9, ...u32(entry)], // mov ecx, entry
    [0xb8, ...u32(eax)], // mov eax, …
    [0xff, 0xe1], // jmp rcx
  ].flat();
  return [
    RESET,
    { at: CODE_AT, bytes: Uint8Array.from(code) },
    { at: GDT_AT, bytes: Uint8Array.from(GDT) },
    { at: GDTR_AT, bytes: Uint8Array.from([...u16(GDT.length - 1), ...u32(GDT_AT)]) },
    { at: PML4_AT, bytes: pageTables() },
  ];
}

function pageTables(): Uint8Array {
  const entries = new BigUint64Array((2 + DIRECTORIES) * (PAGE / 8));
  entries[0] = BigInt(PML4_AT + PAGE) | TABLE;
  for (let i = 0; i < DIRECTORIES; i++) entries[PAGE / 8 + i] = BigInt(DIRECTORIES_AT + i * PAGE) | TABLE;
  const pages = entries.subarray((2 * PAGE) / 8);
  for (let i = 0; i < pages.length; i++) pages[i] = (BigInt(i) * LARGE_PAGE) | PRESENT_LARGE;
  return new Uint8Array(entries.buffer);
}
