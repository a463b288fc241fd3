import { describe, expect, test } from 'vitest';
import { remembered } from './remembered.ts';

/** Makes a list of a number, and counts its calls. */
function setUp() {
  const made: number[] = [];
  const listOf = remembered(
    ({ n }: { readonly n: number; readonly name?: string }) => {
      made.push(n);
      return [n];
    },
    ({ n }) => n,
  );
  return { made, listOf };
}

describe('a remembered answer', () => {
  test('is given again for the same question', () => {
    const { made, listOf } = setUp();

    const answers = [listOf({ n: 1 }), listOf({ n: 1, name: 'again' })];

    expect(answers[1]).toBe(answers[0]);
    expect(made).toEqual([1]);
  });

  test('is made anew for another question', () => {
    const { listOf } = setUp();

    expect([listOf({ n: 1 }), listOf({ n: 2 })]).toEqual([[1], [2]]);
  });

  test('is forgotten when there are more answers than a few machines in many seeds need', () => {
    const { made, listOf } = setUp();

    for (let n = 0; n <= 1024; n++) listOf({ n });
    listOf({ n: 0 });

    expect(made).toHaveLength(1026);
  });
});
