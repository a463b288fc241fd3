import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createVitest } from 'vitest/node';
import { type Mutant, mutated, pathOf, ROOT } from './mutant.ts';

/** The tests beside the rings first; what those let pass must be stopped by tests of what stands on them, or by all drivers. */
const STAGES: readonly (readonly string[])[] = [
  [
    ...testsIn('src/virtio/queue'),
    ...testsIn('src/virtio/queue/batch'),
    ...testsIn('src/rules/virtio/queue'),
  ],
  [
    ...testsIn('src/virtio'),
    ...testsIn('src/virtio/faults'),
    join(ROOT, 'src/virtio/net/budget.test.ts'),
    ...testsIn('src/virtio/transport'),
    ...testsIn('src/virtio/transport/modern'),
    join(ROOT, 'test/completion/in-order.test.ts'),
    join(ROOT, 'test/driver-half.test.ts'),
  ],
  [join(ROOT, 'test/slow/proofs.test.ts')],
];
/** How many files that stopped mutants of a source file are run before all others. */
const LIKELY = 3;

/** It exists only in this process: the file on the disk stays as it is. */
let mutant: Mutant | null = null;
/** By source file: the test files that stopped its mutants, the last one first. */
const stoppedBy = new Map<string, string[]>();
/** Milliseconds, by test file. */
const took = new Map<string, number>();

const vitest = await createVitest(
  'test',
  {
    config: false,
    root: ROOT,
    watch: false,
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'threads',
    isolate: false,
    maxWorkers: 1,
    bail: 1,
    setupFiles: join(import.meta.dirname, 'seed.ts'),
    testTimeout: 60_000,
    reporters: [{}],
    sequence: { sequencer: sequencer() },
  },
  {
    plugins: [
      {
        name: 'mutant',
        enforce: 'pre',
        transform: (code, id) => (mutant !== null && id === pathOf(mutant) ? mutated(code, mutant) : null),
      },
    ],
  },
);

function testsIn(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.test.ts'));
  return names.map((name) => join(ROOT, folder, name));
}

/** Runs files in the order in which they are asked for. */
function sequencer() {
  return class {
    sort<T>(files: T): T {
      return files;
    }
    shard<T>(files: T): T {
      return files;
    }
  };
}

/** Runs the tests of these files, the quickest file first, until one fails. @returns the name of that, or null. */
async function failureIn(files: readonly string[]): Promise<string | null> {
  if (files.length === 0) return null;
  const specs = files
    .toSorted((a, b) => (took.get(a) ?? 0) - (took.get(b) ?? 0))
    .map((file) => vitest.projects[0]!.createSpecification(file));
  const { testModules } = await vitest.runTestSpecifications(specs);
  // Those of earlier runs are among them.
  for (const module of testModules.filter(({ moduleId }) => files.includes(moduleId))) {
    if (module.state() === 'passed') took.set(module.moduleId, module.diagnostic().duration);
    if (module.state() !== 'failed') continue;
    const [failed] = module.children.allTests('failed');
    remember(module.moduleId);
    return failed?.fullName ?? `${module.moduleId} does not load`;
  }
  return null;
}

function remember(file: string): void {
  if (mutant === null) return;
  const others = (stoppedBy.get(mutant.file) ?? []).filter((one) => one !== file);
  stoppedBy.set(mutant.file, [file, ...others]);
}

async function firstToFail(): Promise<string | null> {
  const likely = (mutant && stoppedBy.get(mutant.file)?.slice(0, LIKELY)) ?? [];
  // That they pass without a mutant is a slow test by itself, and takes a minute.
  const stages = mutant === null ? STAGES.slice(0, -1) : STAGES;
  for (const files of [likely, ...stages.map((stage) => stage.filter((file) => !likely.includes(file)))]) {
    const name = await failureIn(files);
    if (name !== null) return name;
  }
  return null;
}

process.on('disconnect', () => process.exit());
process.on('message', async (message: { readonly mutant: Mutant | null }) => {
  mutant = message.mutant;
  if (mutant !== null) vitest.invalidateFile(pathOf(mutant));
  const name = await firstToFail();
  if (mutant !== null) vitest.invalidateFile(pathOf(mutant));
  process.send!({ name });
});
