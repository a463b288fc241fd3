import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Mutant, pattern } from './mutant.ts';

const ROOT = join(import.meta.dirname, '../../..');
export const ROOM = join(ROOT, 'src/virtio');
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
    ...testsIn('src/virtio/budget'),
    ...testsIn('src/virtio/transport'),
    ...testsIn('src/virtio/transport/modern'),
    'test/completion/in-order.test.ts',
    'test/driver-half.test.ts',
  ],
  ['test/slow/proofs.test.ts'],
];
/** Who takes longer than this goes round for ever. */
const LIMIT_MS = 300_000;

const execute = promisify(execFile);

/** How often the text of a mutant stands in its file: once, or it is no mutant any more. */
export function occurrences(mutant: Mutant): number {
  return [...readFileSync(join(ROOM, mutant.file), 'utf8').matchAll(pattern(mutant))].length;
}

/** Judges mutants, two at a time, in their order; each with the name of the first test that fails, or null. */
export function judge(mutants: readonly Mutant[]): Map<Mutant, Promise<string | null>> {
  const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
  const verdicts = mutants.map((mutant, i) => {
    const verdict = lanes[i % lanes.length]!.then(() => firstToFail(mutant));
    lanes[i % lanes.length] = verdict.catch(() => {});
    return [mutant, verdict] as const;
  });
  return new Map(verdicts);
}

/** The name of the first test that fails with this mutant in place, or with none; null if all pass. */
export async function firstToFail(mutant: Mutant | null): Promise<string | null> {
  for (const files of STAGES) {
    const name = await runTests(files, mutant);
    if (name !== null) return name;
  }
  return null;
}

async function runTests(files: readonly string[], mutant: Mutant | null): Promise<string | null> {
  const config = join(import.meta.dirname, 'vitest.config.ts');
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  const argv = [vitest, 'run', ...files, '--config', config, '--reporter=json'];
  const env = { ...process.env, GUESTRIG_MUTANT: JSON.stringify(mutant) };
  const options = { cwd: ROOT, env, timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: 1 << 26 } as const;
  const { stdout, killed } = await execute(process.execPath, argv, options).catch((ended) => ended);
  if (killed) return 'none came to its end';
  const { testResults }: Report = JSON.parse(stdout);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  return tests.find(({ status }) => status === 'failed')?.fullName ?? null;
}

/** What is used of vitest's report; a file that does not even load has no tests in it. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

function testsIn(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.test.ts'));
  return names.map((name) => `${folder}/${name}`);
}
