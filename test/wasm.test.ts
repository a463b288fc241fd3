import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { wasmModules } from '../tools/wasm.ts';

test.each(await wasmModules())('%s is what its text gives', (path, text) => {
  expect(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')).toBe(text);
});
