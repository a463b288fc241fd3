/** Of the header: its size in blocks, and the entry behind it. */
const BLOCK = 512;
const SIZE_AT = 2;
const BEGIN = [0x66, 0x60]; // pushad
/** `mov byte cs:[2], 0`: a ROM of size 0 does not stay in memory. `popad`, `retf`. */
const END = [0x2e, 0xc6, 0x06, SIZE_AT, 0x00, 0x00, 0x66, 0x61, 0xcb];

/**
 * An option ROM that turns bus mastering on for these functions. Our firmware leaves it on for each function with base
 * addresses; SeaBIOS does so only for those that it drives.
 */
export function handOffRom(functions: readonly number[]): Uint8Array {
  const code = [...BEGIN, ...functions.flatMap(masters), ...END];
  // Three bytes of header and one that makes the sum 0.
  const blocks = Math.ceil((code.length + 4) / BLOCK);
  const rom = new Uint8Array(blocks * BLOCK);
  rom.set([0x55, 0xaa, blocks, ...code]);
  rom[rom.length - 1] = -rom.reduce((sum, byte) => sum + byte, 0) & 0xff;
  return rom;
}

/** Sets bit 2 of Command by the ports of configuration space. */
function masters(bdf: number): number[] {
  return [
    ...[0x66, 0xb8, 0x04, bdf, 0x00, 0x80], // mov eax, 80000004 | bdf << 8
    ...[0xba, 0xf8, 0x0c, 0x66, 0xef], // mov dx, cf8; out dx, eax
    ...[0xba, 0xfc, 0x0c, 0xed, 0x0c, 0x04, 0xef], // mov dx, cfc; in ax, dx; or al, 4; out dx, ax
  ];
}
