/** The reset vector, and the address of the code that follows it: that of a boot sector. */
const RESET_VECTOR = 0xf_fff0;
export const CODE_AT = 0x7c00;
export const GDT_AT = 0x7c80;
export const GDTR_AT = 0x7cf0;

/** Null, unused, then the segments of the 32-bit boot protocol: flat code at 10h and flat data at 18h. */
const GDT = [
  [0, 0, 0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0, 0, 0],
  [0xff, 0xff, 0, 0, 0, 0x9a, 0xcf, 0],
  [0xff, 0xff, 0, 0, 0, 0x92, 0xcf, 0],
].flat();
const CS = 0x10;
const DS = 0x18;
/** Protection on; ET as every processor since the 486 has it. */
const CR0 = 0x11;

/** Little-endian. */
export const u16 = (n: number) => [n & 0xff, (n >> 8) & 0xff];
export const u32 = (n: number) => [...u16(n & 0xffff), ...u16(n >>> 16)];

/** Registers at the kernel's entry; EBP and EDI are 0. */
export interface StartRegisters {
  readonly eax: number;
  readonly ebx: number;
  readonly esi: number;
}

/** Bytes, and where they go. */
export interface CodePiece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** At the reset vector: `jmp 0:CODE_AT`. */
export const RESET: CodePiece = {
  at: RESET_VECTOR,
  bytes: Uint8Array.from([0xea, ...u16(CODE_AT), ...u16(0)]),
};

/**
 * Executed from reset until the kernel begins, as the 32-bit boot protocol of Linux and Multiboot require: protected
 * mode, flat segments, no paging, interrupts off, EBP and EDI 0.
 */
export function startCode(entry: number, { eax, ebx, esi }: StartRegisters): CodePiece[] {
  const protectedMode = 23;
  const code = [
    [0xfa], // cli
    [0x31, 0xc0], // xor ax, ax
    [0x8e, 0xd8], // mov ds, ax
    [0x66, 0x0f, 0x01, 0x16, ...u16(GDTR_AT)], // lgdt [GDTR_AT]
    [0xb0, CR0], // mov al, CR0
    [0x0f, 0x22, 0xc0], // mov cr0, eax
    [0xea, ...u16(CODE_AT + protectedMode), ...u16(CS)], // jmp CS:protectedMode
    [0x90, 0x90], // nop
    // protectedMode:
    [0x66, 0xb8, ...u16(DS)], // mov ax, DS
    ...[0xd8, 0xc0, 0xd0, 0xe0, 0xe8].map((register) => [0x8e, register]), // mov ds, es, ss, fs, gs, ax
    [0xbe, ...u32(esi)], // mov esi, …
    [0xbb, ...u32(ebx)], // mov ebx, …
    [0x31, 0xed], // xor ebp, ebp
    [0x31, 0xff], // xor edi, edi
    [0xb8, ...u32(eax)], // mov eax, …
    [0xea, ...u32(entry), ...u16(CS)], // jmp CS:entry
  ].flat();
  return [
    RESET,
    { at: CODE_AT, bytes: Uint8Array.from(code) },
    { at: GDT_AT, bytes: Uint8Array.from(GDT) },
    { at: GDTR_AT, bytes: Uint8Array.from([...u16(GDT.length - 1), ...u32(GDT_AT)]) },
  ];
}
