import { describe, expect, test } from 'vitest';
import { readLines } from './line-table.ts';
import { END, setAddress, table4, table5 } from './rig.ts';

const NOTHING = { str: new Uint8Array(0), lineStr: new Uint8Array(0) };

const rowsOf = (...tables: readonly number[][]) =>
  readLines(Uint8Array.from(tables.flat()), NOTHING, new Map([[0, '/home/me']])).rows.map(
    ({ address, file, line, column }) => [address, file, line, column],
  );

describe('a line table', () => {
  // Special opcode 20: line + 2, address + 0; 35: line + 3, address + 1.
  const program = [...setAddress(3), 5, 9, 20, 35, 2, 16, 3, 0x7e, 1, ...END];

  test.each([
    ['4', table4(program)],
    ['5', table5([4, 0, ...program])],
  ])('of version %s has a row for each opcode that makes one', (_version, table) => {
    expect(rowsOf(table)).toEqual([
      [3, '/home/me/nic.c', 3, 9],
      [4, '/home/me/nic.c', 6, 9],
      [20, null, 0, 0],
      [20, '/home/me/nic.c', 4, 9],
    ]);
  });

  test('names files by their folders', () => {
    const file = rowsOf(table4([...setAddress(3), 4, 2, 1, 2, 9, ...END]))[0]![1];

    expect(file).toBe('/home/me/lib/ring.h');
  });

  test('skips code that the linker left out', () => {
    expect(rowsOf(table4([...setAddress(0), 1, 2, 90, ...END, ...setAddress(7), 1, ...END]))).toEqual([
      [7, null, 0, 0],
      [7, '/home/me/nic.c', 1, 0],
    ]);
  });

  test('skips unknown opcodes', () => {
    const unknown = [0, 3, 0x80, 1, 2, 10, 12, 5];

    expect(rowsOf(table4([...setAddress(3), ...unknown, 1, ...END]))[1]).toEqual([3, '/home/me/nic.c', 1, 0]);
  });

  test('may follow another', () => {
    const two = rowsOf(table4([...setAddress(9), 1, ...END]), table4([...setAddress(5), 1, ...END]));

    expect(two.map(([address]) => address)).toEqual([5, 5, 9, 9]);
  });

  test('that ends too early is refused', () => {
    expect(() => rowsOf(table4([...setAddress(3), 1]).slice(0, 20))).toThrow(RangeError);
  });
});
