const HEADER = 52;
const PROGRAM_HEADER = 32;
const LOADED_AT = 0x10_0000;

/** Differences from a 32-bit ELF file for the 386. */
interface ElfOddity {
  readonly class?: number;
  readonly machine?: number;
  readonly entry?: number;
  /** Of a program header, as the file says it. */
  readonly phentsize?: number;
  readonly phnum?: number;
  /** Where its one segment is loaded. */
  readonly at?: number;
  /** Bytes that the program header claims beyond those in the file. */
  readonly beyond?: number;
  /** Bytes of memory behind those in the file. */
  readonly room?: number;
}

/** A kernel of nothing but `code`, as a 32-bit ELF file that is loaded and begins at 1 MiB. */
export function elfOf(code: readonly number[], odd: ElfOddity = {}): Uint8Array {
  const file = new Uint8Array(HEADER + PROGRAM_HEADER + code.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, odd.class ?? 1, 1, 1]);
  view.setUint16(18, odd.machine ?? (odd.class === 2 ? 62 : 3), true);
  view.setUint32(24, odd.entry ?? LOADED_AT, true);
  view.setUint32(28, HEADER, true);
  view.setUint16(42, odd.phentsize ?? PROGRAM_HEADER, true);
  view.setUint16(44, odd.phnum ?? 1, true);
  const words = [
    1,
    HEADER + PROGRAM_HEADER,
    0,
    odd.at ?? LOADED_AT,
    code.length + (odd.beyond ?? 0),
    code.length + (odd.room ?? 4096),
  ];
  for (const [i, word] of words.entries()) view.setUint32(HEADER + i * 4, word, true);
  file.set(code, HEADER + PROGRAM_HEADER);
  return file;
}

/** Differences from a 64-bit ELF file for x86-64. */
interface Elf64Oddity {
  readonly entry?: bigint;
  readonly vaddr?: bigint;
  readonly phentsize?: number;
}

/** A kernel of nothing but `code`, as a 64-bit ELF file that is loaded and begins at 1 MiB. */
export function elf64Of(code: readonly number[], odd: Elf64Oddity = {}): Uint8Array {
  const [header, programHeader] = [64, 56];
  const file = new Uint8Array(header + programHeader + code.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(18, 62, true);
  view.setBigUint64(24, odd.entry ?? BigInt(LOADED_AT), true);
  view.setBigUint64(32, BigInt(header), true);
  view.setUint16(54, odd.phentsize ?? programHeader, true);
  view.setUint16(56, 1, true);
  view.setUint32(header, 1, true);
  const at = BigInt(LOADED_AT);
  const longs = [
    BigInt(header + programHeader),
    odd.vaddr ?? at,
    at,
    BigInt(code.length),
    BigInt(code.length + 4096),
  ];
  for (const [i, long] of longs.entries()) view.setBigUint64(header + 8 + i * 8, long, true);
  file.set(code, header + programHeader);
  return file;
}

/** Differences from a bzImage of protocol 2.12 with the required fields alone. */
interface BzImageOddity {
  readonly version?: number;
  readonly setup_sects?: number;
  readonly syssize?: number;
  readonly loadflags?: number;
  readonly code32_start?: number;
  readonly xloadflags?: number;
  readonly payload_length?: number;
  readonly init_size?: number;
  readonly pref_address?: number;
}

/** A bzImage with one sector of code. */
export function bzImageOf(code: readonly number[], odd: BzImageOddity = {}): Uint8Array {
  const file = new Uint8Array(3 * 512);
  const view = new DataView(file.buffer);
  file[0x1f1] = odd.setup_sects ?? 1;
  view.setUint32(0x1f4, odd.syssize ?? 512 / 16, true);
  view.setUint16(0x1fe, 0xaa55, true);
  file.set(new TextEncoder().encode('HdrS'), 0x202);
  view.setUint16(0x206, odd.version ?? 0x020c, true);
  file[0x211] = odd.loadflags ?? 1;
  view.setUint32(0x214, odd.code32_start ?? 0x10_0000, true);
  view.setUint32(0x22c, 0x37ff_ffff, true);
  view.setUint16(0x236, odd.xloadflags ?? 0, true);
  view.setUint32(0x24c, odd.payload_length ?? 0, true);
  view.setUint32(0x258, odd.pref_address ?? 0, true);
  view.setUint32(0x260, odd.init_size ?? 0, true);
  file.set(code, 2 * 512);
  return file;
}

/** `mov dx, port; mov al, value; out dx, al` */
export function outb(port: number, value: number): number[] {
  return [0x66, 0xba, port & 0xff, port >> 8, 0xb0, value, 0xee];
}

/** OCW1 of both 8259A: a BIOS leaves some of their lines open. */
export const MASK_PAIR = [...outb(0x21, 0xff), ...outb(0xa1, 0xff)];

/** `mov dx, port; mov ax, value; out dx, ax` */
export function outw(port: number, value: number): number[] {
  return [0x66, 0xba, port & 0xff, port >> 8, 0x66, 0xb8, value & 0xff, value >> 8, 0x66, 0xef];
}

const doubleword = (value: number) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);

/** `mov dword [address], value` */
export function store(address: number, value: number): number[] {
  return [0xc7, 0x05, ...doubleword(address), ...doubleword(value)];
}

/** `mov eax, value; mov cr3, eax` and the like. */
export function control(register: 'cr3' | 'cr4', value: number): number[] {
  return [0xb8, ...doubleword(value), 0x0f, 0x22, register === 'cr3' ? 0xd8 : 0xe0];
}

/** `mov eax, cr0; or eax, 80000000; mov cr0, eax`: paging on. */
export const PAGING = [0x0f, 0x20, 0xc0, 0x0d, ...doubleword(0x8000_0000), 0x0f, 0x22, 0xc0];

/** `lidt`, of a table at `base`; its operand is built at 3 MiB. */
export function lidt(base: number, limit: number): number[] {
  const at = 0x30_0000;
  return [
    ...[...store(at, limit | (base << 16)), ...store(at + 4, base >>> 16)],
    ...[0x0f, 0x01, 0x1d, ...doubleword(at)],
  ];
}

/** `ud2` */
export const UD2 = [0x0f, 0x0b];

/** `hlt`, without end. */
export const HALT = [0xf4, 0xeb, 0xfd];
