import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Mutant } from './mutant.ts';

const ROOT = join(import.meta.dirname, '../../..');
export const ROOM = join(ROOT, 'src/virtio');
/** The tests of rings, the quick ones first: the properties are asked only about what those let pass. */
const STAGES: readonly (readonly string[])[] = [ringTests(), ['test/rings.test.ts']];
/** A mutant that goes round for ever gets no verdict, which is a failure. */
const LIMIT_MS = 120_000;

const execute = promisify(execFile);

/** How often the text of a mutant stands in its file: once, or it is no mutant any more. */
export function occurrences({ file, find }: Mutant): number {
  return readFileSync(join(ROOM, file), 'utf8').split(find).length - 1;
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
  const { stdout } = await execute(process.execPath, argv, options).catch((ended) => ended);
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

/** Those that stand beside the rings. */
function ringTests(): string[] {
  const beside = readdirSync(ROOM).filter(
    (name) => name.endsWith('.test.ts') && !name.startsWith('init-rules'),
  );
  return beside.map((name) => `src/virtio/${name}`);
}
