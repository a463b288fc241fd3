const text = (...names: string[]) => names.flatMap((name) => [...new TextEncoder().encode(name), 0]);
const u16 = (value: number) => [value & 0xff, value >> 8];
const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];
/** line_base -5, line_range 14, opcode_base 13, as compilers have it. */
const SPECIAL = [0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
export const setAddress = (at: number) => [0, 5, 2, ...u32(at)];
export const END = [0, 1, 1];

const sized = (bytes: readonly number[]) => [...u32(bytes.length), ...bytes];

/** A table of version 4: of files in /home/me, and in /home/me/lib. */
export function table4(program: readonly number[]): number[] {
  const names = [...text('lib', ''), ...text('nic.c'), 0, 0, 0, ...text('ring.h'), 1, 0, 0, 0];
  return sized([...u16(4), ...sized([1, 1, 1, ...SPECIAL, ...names]), ...program]);
}

/** A table of version 5, whose names are strings in place: form 8, and folders by udata, form 15. */
export function table5(program: readonly number[]): number[] {
  const folders = [1, 1, 8, 2, ...text('/home/me', 'lib')];
  const files = [2, 1, 8, 2, 15, 2, ...text('nic.c'), 0, ...text('ring.h'), 1];
  return sized([...u16(5), 4, 0, ...sized([1, 1, 1, ...SPECIAL, ...folders, ...files]), ...program]);
}
