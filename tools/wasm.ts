import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

/** Texts, and the module written beside each. */
const TEXTS = ['src/core/wasm/kernels.wat', 'src/virtio/queue/batch/kernel.wat'] as const;
const ROOT = new URL('../', import.meta.url);
const FEATURES = { bulk_memory: true, simd: true, threads: true };
const OWN = '(memory 0)';
/** The import's maximum must not be below the memory's: 4 GiB, the range of 32-bit addresses. */
const SHARED = '(memory 0 65536 shared)';

/** Each file generated from a text, by its path, with its contents. */
export async function wasmModules(): Promise<(readonly [path: string, text: string])[]> {
  const { parseWat } = await wabt();
  return TEXTS.map((path) => {
    const name = basename(path);
    const text = readFileSync(new URL(path, ROOT), 'utf8');
    const assemble = (wat: string) =>
      Buffer.from(parseWat(name, wat, FEATURES).toBinary({}).buffer).toString('base64');
    return [
      path.replace('.wat', '-module.ts'),
      `// biome-ignore-all format: written by \`npm run wasm\` from ${name}

export const PLAIN = '${assemble(text)}';
export const SHARED = '${assemble(text.replace(OWN, SHARED))}';
`,
    ] as const;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [path, text] of await wasmModules()) writeFileSync(new URL(path, ROOT), text);
