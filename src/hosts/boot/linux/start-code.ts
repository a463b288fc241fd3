/** The reset vector, and the address of the code that follows it: that of a boot sector. */
const RESET_VECTOR = 0xf_fff0;
const CODE_AT = 0x7c00;
const GDT_AT = 0x7c80;
const GDTR_AT = 0x7cf0;

/** Of the flat code segment, with its limit: of 32 bits, and of 64. */
const CODE_32 = 0xcf;
const CODE_64 = 0xaf;
const CS = 0x10;
const DS = 0x18;
/** Protection on; ET as every processor since the 486 has it. */
const CR0 = 0x11;
const CR0_PAGING = 0x8000_0000;
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

/** Little-endian. */
const u16 = (n: number) => [n & 0xff, (n >> 8) & 0xff];
const u32 = (n: number) => [...u16(n & 0xffff), ...u16(n >>> 16)];

/** Registers at the kernel's entry; EBP and EDI are 0. */
interface StartRegisters {
  readonly eax: number;
  readonly ebx: number;
  readonly esi: number;
}

/** Bytes, and where they go. */
interface CodePiece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** In real mode. */
const BEGIN = [
  [0xfa], // cli
  [0x31, 0xc0], // xor ax, ax
  [0x8e, 0xd8], // mov ds, ax
  [0x66, 0x0f, 0x01, 0x16, ...u16(GDTR_AT)], // lgdt [GDTR_AT]
];

/** Behind the jump to CS: the registers but EAX. */
const enter = ({ ebx, esi }: StartRegisters) => [
  [0x66, 0xb8, ...u16(DS)], // mov ax, DS
  ...[0xd8, 0xc0, 0xd0, 0xe0, 0xe8].map((register) => [0x8e, register]), // mov ds, es, ss, fs, gs, ax
  [0xbe, ...u32(esi)], // mov esi, …
  [0xbb, ...u32(ebx)], // mov ebx, …
  [0x31, 0xed], // xor ebp, ebp
  [0x31, 0xff], // xor edi, edi
];

/** `jmp 0:CODE_AT` at the reset vector, the code, and the GDT: null, unused, then flat code at 10h and flat data at 18h. */
function pieces(code: readonly (readonly number[])[], codeSegment: number): CodePiece[] {
  const gdt = [
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0xff, 0xff, 0, 0, 0, 0x9a, codeSegment, 0],
    [0xff, 0xff, 0, 0, 0, 0x92, CODE_32, 0],
  ].flat();
  return [
    { at: RESET_VECTOR, bytes: Uint8Array.from([0xea, ...u16(CODE_AT), ...u16(0)]) },
    { at: CODE_AT, bytes: Uint8Array.from(code.flat()) },
    { at: GDT_AT, bytes: Uint8Array.from(gdt) },
    { at: GDTR_AT, bytes: Uint8Array.from([...u16(gdt.length - 1), ...u32(GDT_AT)]) },
  ];
}

/**
 * Executed from reset until the kernel begins, as the 32-bit boot protocol of Linux and Multiboot require: protected
 * mode, flat segments, no paging, interrupts off, EBP and EDI 0.
 */
export function startCode(entry: number, registers: StartRegisters): CodePiece[] {
  const protectedMode = 23;
  const code = [
    ...BEGIN,
    [0xb0, CR0], // mov al, CR0
    [0x0f, 0x22, 0xc0], // mov cr0, eax
    [0xea, ...u16(CODE_AT + protectedMode), ...u16(CS)], // jmp CS:protectedMode
    [0x90, 0x90], // nop
    // protectedMode:
    ...enter(registers),
    [0xb8, ...u32(registers.eax)], // mov eax, …
    [0xea, ...u32(entry), ...u16(CS)], // jmp CS:entry
  ];
  return pieces(code, CODE_32);
}

/**
 * Executed from reset until the kernel begins, as the 64-bit boot protocol of Linux requires: long mode, the first 4 GiB
 * mapped to themselves, flat segments, interrupts off.
 */
export function longStartCode(entry: number, registers: StartRegisters): CodePiece[] {
  const longMode = 54;
  const code = [
    ...BEGIN,
    [0x66, 0xb8, ...u32(CR4_PAE)], // mov eax, CR4_PAE
    [0x0f, 0x22, 0xe0], // mov cr4, eax
    [0x66, 0xb8, ...u32(PML4_AT)], // mov eax, PML4_AT
    [0x0f, 0x22, 0xd8], // mov cr3, eax
    [0x66, 0xb9, ...u32(EFER)], // mov ecx, EFER
    [0x66, 0xb8, ...u32(EFER_LME)], // mov eax, EFER_LME
    [0x31, 0xd2], // xor dx, dx
    [0x0f, 0x30], // wrmsr
    [0x66, 0xb8, ...u32(CR0_PAGING | CR0)], // mov eax, CR0
    [0x0f, 0x22, 0xc0], // mov cr0, eax
    // longMode:
    [0xea, ...u16(CODE_AT + longMode + 5), ...u16(CS)], // jmp CS:…
    ...enter(registers),
    [0xb9, ...u32(entry)], // mov ecx, entry
    [0xb8, ...u32(registers.eax)], // mov eax, …
    [0xff, 0xe1], // jmp rcx
  ];
  return [...pieces(code, CODE_64), { at: PML4_AT, bytes: pageTables() }];
}

function pageTables(): Uint8Array {
  const entries = new BigUint64Array((2 + DIRECTORIES) * (PAGE / 8));
  entries[0] = BigInt(PML4_AT + PAGE) | TABLE;
  for (let i = 0; i < DIRECTORIES; i++) entries[PAGE / 8 + i] = BigInt(DIRECTORIES_AT + i * PAGE) | TABLE;
  const pages = entries.subarray((2 * PAGE) / 8);
  for (let i = 0; i < pages.length; i++) pages[i] = (BigInt(i) * LARGE_PAGE) | PRESENT_LARGE;
  return new Uint8Array(entries.buffer);
}
