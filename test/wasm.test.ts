import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { kernelsModule } from '../tools/wasm.ts';

test('the WebAssembly in the repository is what its text gives', async () => {
  const kept = readFileSync(new URL('../src/core/wasm/kernels-module.ts', import.meta.url), 'utf8');

  expect(kept).toBe(await kernelsModule());
});
