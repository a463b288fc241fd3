import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { SUITE } from '../../src/conformance/index.ts';
import { type DeviceKind, isAbout } from '../../src/conformance/model/kinds.ts';
import type { suiteJson } from '../../src/conformance/report/suite-report.ts';
import { CLAUSE_IDS } from '../../src/rules/index.ts';
import { partOf } from '../repeats.ts';
import { readJunit } from './junit-reader.ts';
import { DriverProject, packed } from './package/project.ts';
import { workFolder } from './work-folder.ts';

/** The examples as drivers' own projects: copied into empty folders, with the packed package. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SCENARIOS = SUITE.map(({ name }) => name);
const FIRST = SCENARIOS[0]!;
/** Of which a driver of such devices is told, whether it comes by them or not. */
const toldOf = (kind: DeviceKind) => CLAUSE_IDS.filter((clause) => isAbout(clause, [kind]));
/** Debian's, regardless of others. */
const RUSTC = 'MAKEFLAGS=RUSTC=/usr/bin/rustc';
const junitIn = (file: string) => ['--reporter=junit', `--outputFile.junit=${file}`];
const work = workFolder();
let tarball: string;

const projectOf = (example: string) =>
  DriverProject.of(join(ROOT, 'examples', example), join(work, example), tarball);
const vitest = (project: DriverProject, ...argv: string[]) => project.run('npx', 'vitest', 'run', ...argv);
/** The number of the line that has this. */
const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length;

beforeAll(async () => {
  ({ tarball } = await packed());
}, 300_000);

describe('a project in TypeScript', () => {
  const KICK = 'this.port.out(this.base + QUEUE_NOTIFY, this.index, 2)';
  const EARLY = [
    'src/nic.ts',
    'this.status(ACKNOWLEDGE | DRIVER | DRIVER_OK)',
    'this.status(ACKNOWLEDGE | DRIVER)',
  ] as const;
  const AT = () => `src/queue.ts:${lineOf(project.text('src/queue.ts'), KICK)}`;
  let project: DriverProject;
  let [green, red, conforming]: ReturnType<DriverProject['run']>[] = [];
  let report: ReturnType<typeof suiteJson>;
  const casesIn = (file: string) =>
    readJunit(join(project.folder, file)).cases.filter(({ suite }) => suite === 'test/conformance.test.ts');

  /** One run that is good, and one with a mistake, by all the reporters that say something of it. */
  beforeAll(async () => {
    project = await projectOf('ci');
    const verbose = ['--reporter=verbose', '--hideSkippedTests=false'];
    green = project.run('npm', 'test', '--', ...verbose, ...junitIn('green.xml'));
    const reporters = ['--reporter=default', '--reporter=github-actions', ...junitIn('red.xml')];
    red = project.withMistake(...EARLY, () => project.run('npm', 'test', '--', ...reporters));
    conforming = project.run('npx', 'guestrig', 'conform', 'test/model.ts', '--reporter', 'json');
    report = JSON.parse(conforming.text);
  }, 300_000);

  test('is compiled', () => {
    expect(project.run('npm', 'run', 'types')).toMatchObject({ status: 0 });
  });

  test('is green', () => {
    const { status, text } = green!;

    expect(status, text).toBe(0);
    expect(text).toMatch(/Tests {2}\d+ passed \| \d+ skipped/);
    expect(conforming!.status).toBe(0);
  });

  test('is played by the command in several threads', () => {
    const played = ['--scenario', FIRST, '--seed', '1-4', '--jobs', '2'];
    const { status, text } = project.run('npx', 'guestrig', 'conform', 'test/model.ts', ...played);

    expect(status, text).toBe(0);
  });

  test('is red with one mistake: its clause, at the line of the driver', () => {
    const { status, text } = red!;

    expect(status).toBe(1);
    expect(text).toMatch(/ FAIL {2}test\/conformance\.test\.ts > my-nic > keeps > virtio\/INIT-D13: /);
    expect(text).toContain(`❯ Queue.offer ${AT()}:`);
  });

  describe('writes a report for JUnit', () => {
    test('with a test for each clause and each scenario', () => {
      const titles = casesIn('green.xml').map(({ name }) => name.replace(/^my-nic > [\w ]+ > /, ''));

      expect(titles.filter((title) => SCENARIOS.includes(title)).sort()).toEqual(report.scenarios.toSorted());
      expect(titles.map((title) => title.split(':')[0])).toEqual(expect.arrayContaining(toldOf('net')));
    });

    test('in which what was not reached is skipped', () => {
      const unreached = report.verdicts.filter(({ outcome }) => outcome === 'unreached');
      const names = unreached.map(({ clause }) => `${clause}:`);
      const cases = casesIn('green.xml').filter(({ name }) => names.some((clause) => name.includes(clause)));

      expect(new Set(cases.map(({ result }) => result[0]?.kind))).toEqual(new Set(['skipped']));
    });

    test('in which a mistake has its clause and its line', () => {
      const failed = casesIn('red.xml').filter(({ result }) => result[0]?.kind === 'failure');

      expect(failed.map(({ name }) => name)).toEqual([
        expect.stringMatching(/^my-nic > keeps > virtio\/INIT-D13: /),
      ]);
      expect(failed[0]!.result[0]!.text).toContain(AT());
    });
  });

  describe("has vitest's features:", () => {
    test('a filter by clauses', () => {
      const { status, text } = vitest(project, '-t', 'virtio/FEAT', '--reporter=json');
      const { testResults } = JSON.parse(text);
      const asked = testResults
        .flatMap(({ assertionResults }: { assertionResults: { status: string; title: string }[] }) =>
          assertionResults.filter(({ status }) => status === 'passed'),
        )
        .map(({ title }: { title: string }) => title.split(':')[0]);

      expect(status).toBe(0);
      expect(asked).toContain('virtio/FEAT-D1');
      expect(asked.filter((clause: string) => !clause.startsWith('virtio/FEAT'))).toEqual([]);
    });

    test('shards, which together are all', () => {
      const halves = ['1/2', '2/2'].map((half) => vitest(project, `--shard=${half}`, '--reporter=json'));
      const counts = halves.map(({ text }) => JSON.parse(text).numTotalTests);

      expect(halves.map(({ status }) => status)).toEqual([0, 0]);
      expect(counts[0] + counts[1]).toBe(readJunit(join(project.folder, 'green.xml')).cases.length);
      expect(Math.min(...counts)).toBeGreaterThan(0);
    });

    test('annotations for GitHub, at the line of the driver', () => {
      const [file, line] = AT().split(':');

      expect(red!.text).toMatch(
        new RegExp(`::error file=[^,]*${file},title=[^,]*virtio/INIT-D13[^,]*,line=${line},column=\\d+::`),
      );
    });

    test('a list on which what was not reached is skipped, with the reason', () => {
      expect(green!.text).toMatch(/ ↓ .*pic\/INIT: .* \[unreached: in \d+ of \d+ scenarios\]/);
    });

    test('a list of what failed without what was not reached', () => {
      expect(red!.text).toContain(' FAIL ');
      expect(red!.text).not.toContain('↓');
    });
  });

  test('fails by a required clause that is not reached', () => {
    const edit = ["require: ['virtio/INIT-D1'", "require: ['virtio/RNG-OP-D1'"] as const;
    const { status, text } = project.withMistake('test/conformance.test.ts', ...edit, () =>
      vitest(project, '-t', 'virtio/RNG-OP'),
    );

    expect(status).toBe(1);
    expect(text).toMatch(/ FAIL .* virtio\/RNG-OP-D1: /);
    expect(text).toContain('nothing reached it, and it is required');
  });

  test('has a command that puts annotations beside the lines of the driver', () => {
    const broken = project.withMistake(...EARLY, () =>
      project.run('npm', 'run', 'conform', '--', '--reporter', 'github'),
    );
    const [file, line] = AT().split(':');

    expect(broken.status).toBe(1);
    expect(broken.text).toMatch(
      new RegExp(`^::error file=${file},line=${line},col=\\d+,title=virtio/INIT-D13::`, 'm'),
    );
  });
});

type Edit = readonly [file: string, place: string, mistake: string];

type Project = [name: string, example: string, kind: DeviceKind, file: string, clause: string, mistake: Edit];

describe.each(
  partOf<Project>(
    [
      ['C', 'c', 'net', 'nic.wasm', 'virtio/INIT-D13', ['nic.c', '  virtio_ready(base);\n', '']],
      [
        'Rust',
        'rust',
        'serial',
        'uart.wasm',
        'uart/THR-FULL',
        ['uart.rs', 'wait_until(has_room, base, MILLISECOND)', '1'],
      ],
    ],
    2,
  ),
)('a project in %s', (_name, example, kind, file, clause, mistake) => {
  let project: DriverProject;
  const tested = (...argv: string[]) => project.run('env', RUSTC, 'npm', 'test', '--', ...argv);

  beforeAll(async () => {
    project = await projectOf(example);
  });

  test('is compiled, and green', () => {
    const { status, text } = tested('--reporter=default', ...junitIn('report.xml'));
    const { cases } = readJunit(join(project.folder, 'report.xml'));

    expect(status, text).toBe(0);
    const kept = cases.flatMap(({ name }) => name.split(`${file} > keeps > `)[1]?.split(':')[0] ?? []);
    expect(kept).toEqual(expect.arrayContaining(toldOf(kind)));
  });

  test('is red with one mistake, by its clause', () => {
    const { status, text } = project.withMistake(...mistake, () => tested());

    expect(status).toBe(1);
    expect(text).toMatch(new RegExp(` FAIL .* > ${file} > keeps > ${clause}: `));
  });

  test('is run in the suite by the command, too', () => {
    const { status, text } = project.run('env', RUSTC, 'npm', 'run', 'conform');

    expect(status, text).toBe(0);
    expect(text).toMatch(new RegExp(`\n${file} conforms\\.\n$`));
  });
});
