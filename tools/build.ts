import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { borrowTypes } from './borrowed-types.ts';
import { joinSmallFiles } from './join-files.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/**
 * Packages inlined into dist, with their licenses: we use a tenth of valibot's 200 KB, and each package takes time to
 * be found.
 */
const INLINED = [
  ['valibot', 'LICENSE.md'],
  ['ts-pattern', 'LICENSE'],
] as const;
/** The module that the command line starts in threads of their own. */
const JOB = 'dist/cli/conform-worker.js';
const {
  exports: published,
  bin,
  dependencies,
  peerDependencies,
} = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'));

rmSync(`${ROOT}/dist`, { recursive: true, force: true });
await bundle();
declare();
borrowTypes(`${ROOT}/dist`);
for (const [name, license] of INLINED)
  copyFileSync(`${ROOT}/node_modules/${name}/${license}`, `${ROOT}/dist/${name}.LICENSE.md`);

/**
 * An entry and a few files that entries share, since 300 modules, each a file, take a program 200 ms to find and read. What two
 * entries have in common lies in one file, so there is one of every class.
 */
async function bundle(): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [...entries(), ...Object.values<string>(bin), JOB].map((path) =>
      path.replace('dist', 'src').replace(/js$/, 'ts'),
    ),
    outdir: 'dist',
    outbase: 'src',
    // As deep as a room: files next to the package are found from here.
    chunkNames: 'shared/[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external: Object.keys({ ...dependencies, ...peerDependencies }),
    logLevel: 'warning',
    metafile: true,
  });
  await joinSmallFiles(ROOT, metafile.outputs, 'dist/shared/small.js');
}

function entries(): string[] {
  const modules = Object.values<{ readonly default?: string }>(published);
  return modules.flatMap((entry) => entry.default ?? []);
}

function declare(): void {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
