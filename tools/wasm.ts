import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import wabt from 'wabt';

const SOURCE = new URL('../src/core/wasm/kernels.wat', import.meta.url);
const MODULE = new URL('../src/core/wasm/kernels-module.ts', import.meta.url);
const FEATURES = { bulk_memory: true, simd: true, threads: true };
const OWN = '(memory 0)';
/** The import's maximum must not be below the memory's: 4 GiB, which is what 32-bit addresses reach. */
const SHARED = '(memory 0 65536 shared)';

/** The text of kernels-module.ts, as it follows from kernels.wat. */
export async function kernelsModule(): Promise<string> {
  const { parseWat } = await wabt();
  const text = readFileSync(SOURCE, 'utf8');
  const assemble = (wat: string) =>
    Buffer.from(parseWat('kernels.wat', wat, FEATURES).toBinary({}).buffer).toString('base64');
  return `// biome-ignore-all format: written by \`npm run wasm\` from kernels.wat

export const KERNELS = '${assemble(text)}';
export const KERNELS_SHARED = '${assemble(text.replace(OWN, SHARED))}';
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(MODULE, await kernelsModule());
