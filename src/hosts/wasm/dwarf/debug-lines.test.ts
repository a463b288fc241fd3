import { expect, test } from 'vitest';
import { bytesOf } from '../rig.ts';
import { Module } from '../web-assembly.ts';
import { DebugLines } from './debug-lines.ts';
import { END, setAddress, table4 } from './rig.ts';

/** A module with a function, and .debug_line behind it. */
function linesOf(table: readonly number[] | null): DebugLines {
  const name = [...new TextEncoder().encode('.debug_line')];
  const section = [name.length, ...name, ...(table ?? [])];
  const bytes = Uint8Array.of(
    ...bytesOf('(func)'),
    ...(table === null ? [] : [0, section.length, ...section]),
  );
  return new DebugLines(new Module(bytes), bytes);
}

/** Where the section of code begins: its count of functions has no line, the first function begins behind it. */
const CODE = bytesOf('(func)').lastIndexOf(10) + 2;
/** From address 1 to 4 it is line 7. */
const TABLE = table4([...setAddress(1), 3, 6, 5, 2, 1, 2, 3, ...END]);
const frame = (offset: number) =>
  `    at send (wasm://wasm/3cd9646a:wasm-function[9]:0x${offset.toString(16)})`;

test('a frame is named by file, line and column, if known', () => {
  const lines = linesOf(TABLE);

  expect(lines.named(frame(CODE + 2))).toBe('    at send (nic.c:7:2)');
  expect(lines.named(frame(CODE + 4))).toBe(frame(CODE + 4));
  expect(lines.named(frame(CODE))).toBe(frame(CODE));
});

test('the innermost place of a stack is the first', () => {
  const frames = ['    at new Error (<anonymous>)', frame(CODE + 1), frame(CODE + 9)].join('\n');

  expect(linesOf(TABLE).firstIn(frames)).toMatchObject({ file: 'nic.c', line: 7 });
});

test.each([
  ['without it', null],
  ['with some that ends too early', TABLE.slice(0, 30)],
  ['with some that makes no sense', [0xff, 0xff, 0xff, 0xff, 1, 2, 3]],
])("a module %s keeps the engine's frames", (_what, table) => {
  expect(linesOf(table).named(frame(CODE + 1))).toBe(frame(CODE + 1));
});
