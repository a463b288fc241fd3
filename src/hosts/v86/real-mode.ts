import { onlyPlace, replaceCode } from './wasm-code.ts';

/** `i32.const 0; i32.load` of what LIDT loaded, at 564 and 568 of v86's memory. */
const LIMIT = [0x41, 0, 0x28, 2, 0xb4, 0x04];
const BASE = [0x41, 0, 0x28, 2, 0xb8, 0x04];
/** `local.get 0; i32.const 2; i32.shl`: where a vector's handler stands in the table. */
const ENTRY = [0x20, 0, 0x41, 2, 0x74];
/** `local.tee 0` */
const KEEP = [0x22, 0];
/** `call` of the function that reads 16 bits of memory. */
const READ_16 = [0x10, 0xa1, 0x8e, 0x80, 0x80, 0x00];
/** `local.set 3; local.get 0; i32.const 2`, then `i32.or` or `i32.add`: the handler's segment. */
const SEGMENT = [0x21, 3, 0x20, 0, 0x41, 2];
const OR = 0x72;
const ADD = 0x6a;
/** `i32.const 3; i32.or`, the limit, `i32.gt_u; if; unreachable; end` */
const BEYOND = [0x41, 3, OR, ...LIMIT, 0x4b, 0x04, 0x40, 0x00, 0x0b];

/**
 * v86's WebAssembly, whose real mode finds interrupt handlers where LIDT says (Intel SDM 3A, 20.1.4), and traps where
 * the table has none: a triple fault, unless the table has a handler for that. v86's own has them at 0, always.
 *
 * @throws MisuseError for another v86 than the one this host supports.
 */
export function withRealModeTable(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const from = [...ENTRY, ...KEEP, ...READ_16, ...SEGMENT, OR, ...READ_16];
  const to = [...ENTRY, ...BEYOND, ...ENTRY, ...BASE, ADD, ...KEEP, ...READ_16, ...SEGMENT, ADD, ...READ_16];
  return replaceCode(wasm, onlyPlace(wasm, 'interrupts in real mode', from), from.length, to);
}
