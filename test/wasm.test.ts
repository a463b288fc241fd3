import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { IMPORTS } from '../src/hosts/wasm/imports.ts';
import { wasmModules } from '../tools/wasm.ts';

test.each(await wasmModules())('%s is what its text gives', (path, text) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(text);
});

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const names = Object.keys(IMPORTS).sort();

describe('what a module may import is', () => {
  test.each([
    ['docs/wasm.md', /^\| `(\w+)` \| (?:`i(?:32|64)[^|]*)?\|[^|]*\|[^|]*\|$/gm],
    ['include/guestrig.h', /^GUESTRIG_IMPORT\((\w+)\)/gm],
    ['include/guestrig.rs', /\bfn (\w+)\(.*\).*;$/gm],
  ])('what %s has, no more and no less', (path, row) => {
    const found = [...read(path).matchAll(row)].map(([, name]) => name!);

    expect(found.sort()).toEqual(names);
  });
});
