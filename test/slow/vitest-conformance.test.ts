import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LIES } from '../../src/conformance/hostile/index.ts';
import { SUITE } from '../../src/conformance/index.ts';
import { withPackage } from './package/project.ts';
import { workFolder } from './work-folder.ts';

// Tests by conformance() in a project of their own, as a driver's project has them.

const folder = workFolder();
await withPackage(folder);

const [FIRST, SECOND] = SUITE.map(({ name }) => name) as [string, string];
/** Breaks one clause in each run. */
const MODEL = `
export default {
  name: 'hasty',
  drivers: [],
  run(port) {
    port.out(0x3fb, 3, 1);
    for (const byte of [0x61, 0x62]) port.out(0x3f8, byte, 1);
    if (process.env.WAITS) while ((port.in(0x3fd, 1) & 0x20) === 0);
    if (process.env.SICK) throw new Error('is sick');
  },
};
`;

interface Result {
  readonly status: number | null;
  /** `passed uart/THR-FULL` */
  readonly tests: readonly string[];
  /** Scenarios, in the order in which they were played. */
  readonly played: readonly string[];
  readonly text: string;
}

/** Runs vitest on a file that calls `conformance(model, options)`. */
function vitest(options: string, argv: readonly string[] = [], env: Record<string, string> = {}): Result {
  const played = join(folder, 'played');
  writeFileSync(played, '');
  writeFileSync(join(folder, 'model.mjs'), MODEL);
  writeFileSync(
    join(folder, 'mine.test.ts'),
    `import { appendFileSync } from 'node:fs';
import { conformance } from 'guestrig/vitest';
import model from './model.mjs';
const onRun = ({ scenario }) => appendFileSync('${played}', scenario + '\\n');
conformance(model, { onRun, ...${options} });
`,
  );
  const reporters = ['--reporter=json', `--outputFile.json=${join(folder, 'out.json')}`];
  const { status, stdout, stderr } = spawnSync('npx', ['vitest', 'run', ...reporters, ...argv], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  const { testResults } = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as {
    testResults: { assertionResults: { status: string; title: string }[] }[];
  };
  const tests = testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ status: how, title }) => `${how} ${title.split(': ')[0]}`),
  );
  return {
    status,
    tests,
    played: readFileSync(played, 'utf8')
      .split('\n')
      .filter((line) => line !== ''),
    text: stdout + stderr,
  };
}

const provoking = (beginning: string) =>
  SUITE.filter(({ provokes = [] }) => provokes.some((clause) => clause.startsWith(beginning))).map(
    ({ name }) => name,
  );

test('a filter by clauses plays the scenarios of those clauses alone', () => {
  const { played, tests } = vitest('{}', ['-t', 'uart/THR-FULL']);

  expect(played).toEqual([
    FIRST,
    ...played.slice(1).filter((name) => provoking('uart/THR-FULL').includes(name)),
  ]);
  expect(tests).toContain('failed uart/THR-FULL');
});

test('a filter by nothing plays nothing', () => {
  expect(vitest('{}', ['-t', 'no such test']).played).toEqual([]);
});

test('all tests together play each scenario once, in its own test, and clauses are judged by all of them', () => {
  const { played, tests, status } = vitest(`{ scenarios: ['${FIRST}', '${SECOND}'] }`);

  expect([status, played]).toEqual([1, [FIRST, SECOND]]);
  expect(tests.filter((line) => line.startsWith('failed'))).toEqual(['failed uart/THR-FULL']);
  expect(tests.slice(0, 2)).toEqual([`passed ${FIRST}`, `passed ${SECOND}`]);
});

test('devices lie in the tests of their clauses alone', () => {
  const { name } = LIES.find(({ clause }) => clause === 'hard/UART-THRE')!;
  const options = '{ hostile: true, machine: { patience: 20_000 } }';

  const { played, tests } = vitest(options, ['-t', 'hard/UART-THRE'], { WAITS: 'yes' });

  expect(played).toEqual([name]);
  expect(tests).toContain('failed hard/UART-THRE');
  expect(tests.filter((line) => line.endsWith(name))).toEqual([]);
});

test('what is known by the file of the command line fails no test, nor does a waived stop', () => {
  const known = { known: [{ clause: 'uart/THR-FULL', reason: 'is being mended' }] };
  writeFileSync(join(folder, 'known.json'), JSON.stringify(known));
  const options = `{ scenarios: ['${FIRST}'], only: ['uart'], baseline: '${join(folder, 'known.json')}', waive: { '${FIRST}': 'is to be cured' } }`;

  const { status, tests } = vitest(options, [], { SICK: 'yes' });

  expect(status).toBe(0);
  expect(tests.filter((line) => line.startsWith('failed'))).toEqual([]);
  expect(tests.filter((line) => / \w+\//.test(line) && !/ uart\//.test(line))).toEqual([]);
});

test('a waiver that ended fails its clause, by the day of the host or of the options, and says why', () => {
  const options = (more: string) =>
    `{ scenarios: ['${FIRST}'], only: ['uart'], waive: [{ clause: 'uart/THR-FULL', reason: 'is being mended', until: '2026-01-31' }]${more} }`;
  const words = ['--reporter=default'];
  const [ended, held] = [vitest(options(''), words), vitest(options(", today: '2026-01-31'"), words)];

  expect([ended.status, held.status]).toEqual([1, 0]);
  expect(ended.tests).toContain('failed uart/THR-FULL');
  expect(ended.text).toContain(
    'guestrig: waive[0]: the waiver of uart/THR-FULL ended on 2026-01-31 (is being mended)',
  );
});

test('two shards of one file play each scenario once, the first in one and the second in the other', () => {
  const options = `{ scenarios: ['${FIRST}', '${SECOND}'], shard: process.env.SHARD }`;

  const halves = ['1/2', '2/2'].map((SHARD) => vitest(options, [], { SHARD }).played);

  expect(halves).toEqual([[FIRST], [SECOND]]);
});

test('threads play the same, where they are told of the module', () => {
  const one = vitest(`{ scenarios: ['${FIRST}', '${SECOND}'], seeds: [1, 2] }`);
  const two = vitest(
    `{ scenarios: ['${FIRST}', '${SECOND}'], seeds: [1, 2], jobs: 2, module: new URL('./model.mjs', import.meta.url) }`,
  );

  expect([two.tests, two.played]).toEqual([one.tests, one.played]);
});
