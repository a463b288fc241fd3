import { MisuseError } from '../../core/misuse.ts';

/** Magic and version. */
const PREAMBLE = 8;
const CODE_SECTION = 10;

/** @throws MisuseError if code is not there exactly once: it is not the v86 that this host supports. */
export function onlyPlace(wasm: Uint8Array, what: string, code: readonly number[]): number {
  const all = Buffer.from(wasm.buffer, wasm.byteOffset, wasm.length);
  const at = all.indexOf(Buffer.from(code));
  if (at < 0 || all.indexOf(Buffer.from(code), at + 1) >= 0)
    throw new MisuseError('v86', what, 'the v86 that package.json names');
  return at;
}

/**
 * Replaces code of a WebAssembly module by longer code, and corrects the sizes of its function and section. Calls and
 * branches count functions and blocks, never bytes, so nothing else moves.
 *
 * @param at where `from` bytes begin that `to` replaces.
 */
export function replaceCode(
  wasm: Uint8Array,
  at: number,
  from: number,
  to: readonly number[],
): Uint8Array<ArrayBuffer> {
  const section = sectionAt(wasm, at);
  const count = unsigned(wasm, section.start);
  for (let body = count.next; body < section.end; ) {
    const { value: size, next: start } = unsigned(wasm, body);
    const end = start + size;
    if (at >= start && at + from <= end) {
      const code = [wasm.subarray(start, at), Uint8Array.from(to), wasm.subarray(at + from, end)];
      const grown = [leb(size - from + to.length), ...code];
      const rest = [wasm.subarray(section.start, body), ...grown, wasm.subarray(end, section.end)];
      const { length } = joined(rest);
      const before = wasm.subarray(0, section.size);
      return joined([before, leb(length), ...rest, wasm.subarray(section.end)]);
    }
    body = end;
  }
  throw new MisuseError('v86', at, 'in a function');
}

/** The code section: where its size stands, where its contents begin and end. */
function sectionAt(wasm: Uint8Array, at: number): { size: number; start: number; end: number } {
  for (let id = PREAMBLE; id < wasm.length; ) {
    const { value, next } = unsigned(wasm, id + 1);
    const end = next + value;
    if (wasm[id] === CODE_SECTION && at < end) return { size: id + 1, start: next, end };
    id = end;
  }
  throw new MisuseError('v86', at, 'in the code section');
}

function unsigned(wasm: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; ; i++) {
    const byte = wasm[at + i]!;
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return { value: value >>> 0, next: at + i + 1 };
  }
}

/** Unsigned LEB128 of five bytes, which holds any size. */
function leb(value: number): Uint8Array {
  return Uint8Array.from([0, 7, 14, 21, 28], (shift, i) => ((value >>> shift) & 0x7f) | (i < 4 ? 0x80 : 0));
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(parts));
}
