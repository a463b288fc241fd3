import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { EXCEPTIONS_2018 } from './exceptions.ts';
import { boot, guestMachine, RAM } from './guest.ts';
import { type Comparison, compare, expectedLines, kernelLines, normalise } from './log.ts';
import { reword } from './wording.ts';

/** The end of RAM below 4 GiB in the log. */
const RAM_2018 = 0xc000_0000;

describe('the log of an N1 machine of 2018', () => {
  const expected = expectedLines(readFileSync(new URL('logs/gce-2018.txt', import.meta.url), 'utf8'));
  let lines: string[];
  let compared: Comparison;

  beforeAll(async () => {
    const { text } = await boot(guestMachine());
    lines = kernelLines(text, RAM);
    compared = compare(expected, lines, EXCEPTIONS_2018, (line) => normalise(reword(line), RAM_2018));
  });

  test('has 125 lines', () => {
    expect(expected.length).toBe(125);
  });

  test('has every line that our boot has, but for the exceptions', () => {
    expect(compared.missing).toEqual([]);
  });

  test('needs every exception', () => {
    expect(compared.needless).toEqual([]);
  });

  test('is equal in 103 lines', () => {
    expect([compared.equal.length, compared.excepted.length]).toEqual([103, 22]);
  });
});
