import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { partOf } from '../../repeats.ts';
import { workFolder } from '../work-folder.ts';
import { run } from './programs.ts';
import { DriverProject, packed } from './project.ts';
import { nodeOf, nodesOf, packagesOf } from './registry.ts';
import { NODES, VITESTS } from './versions.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TOOLS = join(ROOT, '.cache', 'package-tools');
const LICENSES = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Apache-2.0'];
const work = workFolder();
const empty = join(work, 'empty');
let tarball: string;
let clone: string;
let installed: { readonly status: number | null; readonly text: string };

const tool = (name: string, main: string, ...argv: string[]) =>
  run(work, 'node', join(TOOLS, 'node_modules', name, main), ...argv);
const read = (...path: string[]) => readFileSync(join(...path), 'utf8');
const headings = (text: string) => [...text.matchAll(/^# (\S+) (\S+): (.+)$/gm)].map(([, ...words]) => words);

beforeAll(async () => {
  ({ tarball, clone } = await packed());
  await packagesOf(TOOLS, { publint: 'publint@^0.3', attw: '@arethetypeswrong/cli@^0.18' });
  mkdirSync(empty);
  const argv = ['install', '--strict-allow-scripts', '--no-audit', '--no-fund', '--prefer-offline', tarball];
  const { status, stdout, stderr } = spawnSync('npm', argv, { cwd: empty, encoding: 'utf8' });
  installed = { status, text: `${stdout}${stderr}` };
}, 300_000);

describe('the tarball', () => {
  test('is installed into an empty folder without a script, and without a warning', () => {
    expect(installed.text).not.toMatch(/warn|script/i);
    expect(installed.status).toBe(0);
    expect(readdirSync(join(empty, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'commander',
      'guestrig',
    ]);
  });

  test('has no script and no tool of ours in its manifest, and packing leaves the manifest as it was', () => {
    const manifest = JSON.parse(read(empty, 'node_modules/guestrig/package.json'));

    expect(['scripts', 'devDependencies'].filter((key) => key in manifest)).toEqual([]);
    expect(read(clone, 'package.json')).toBe(read(ROOT, 'package.json'));
  });

  test('is right by publint', async () => {
    expect(await tool('publint', 'src/cli.js', 'run', '--strict', tarball)).toContain('All good!');
  });

  test('has types that are right where modules are imported', async () => {
    expect(await tool('attw', 'dist/index.js', tarball, '--profile', 'esm-only')).toContain(
      '"guestrig/guest"',
    );
  });

  test('brings packages along that have a free license, and its text', () => {
    const folders = readdirSync(join(empty, 'node_modules')).filter((name) => !name.startsWith('.'));
    const lacking = folders.filter((name) => {
      const folder = join(empty, 'node_modules', name);
      const { license } = JSON.parse(read(folder, 'package.json'));
      return !LICENSES.includes(license) || !readdirSync(folder).some((file) => /^licen[sc]e/i.test(file));
    });

    expect(lacking).toEqual([]);
  });

  test('lists what is bundled, each package once, with a free license and its text', () => {
    const list = read(empty, 'node_modules/guestrig/dist/LICENSES.md');
    const bundled = headings(list).map(([name, version]) => `${name} ${version}`);
    const versions = ['ts-pattern', 'valibot'].map((name) => {
      const { version } = JSON.parse(read(ROOT, 'node_modules', name, 'package.json'));
      return `${name} ${version}`;
    });

    expect(bundled.sort()).toEqual(versions);
    expect(headings(list).filter(([, , license]) => !LICENSES.includes(license!))).toEqual([]);
    expect(list.match(/Permission is hereby granted/g)).toHaveLength(versions.length);
  });

  test('imports no package but those that it names', () => {
    const { dependencies, peerDependencies } = JSON.parse(read(empty, 'node_modules/guestrig/package.json'));
    const dist = join(empty, 'node_modules/guestrig/dist');
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.js'),
    );
    const named = files.flatMap((file) =>
      ts.preProcessFile(read(dist, file)).importedFiles.map(({ fileName }) => fileName),
    );

    const others = named.filter((name) => !/^(node:|\.)/.test(name) && !(name in dependencies));
    expect(others.filter((name) => !(name.split('/')[0]! in peerDependencies))).toEqual([]);
  });
});

/** Each Node once, and each vitest: not all of one with all of the other. vitest 5 does not run on Node 20. */
const RUNS = [
  ['20', '3.2', '~3.2.0'],
  ['22', '4', '^4.1.0'],
  ['24', '5', '^5.0.0'],
  ['26', '5', '^5.0.0'],
] as const;

describe('what README names is tried', () => {
  test('each Node and each vitest', () => {
    expect(RUNS.map(([node]) => node)).toEqual(NODES);
    expect([...new Set(RUNS.map(([, vitest]) => vitest))]).toEqual(VITESTS);
  });
});

describe.each(partOf(RUNS, RUNS.length))(
  'the template on Node %s with vitest %s',
  (major, _vitest, range) => {
    let project: DriverProject;

    beforeAll(async () => {
      await nodesOf(ROOT);
      const example = join(work, `example-${major}`);
      cpSync(join(ROOT, 'examples/ci'), example, { recursive: true });
      const manifest = JSON.parse(read(example, 'package.json'));
      manifest.devDependencies.vitest = range;
      writeFileSync(join(example, 'package.json'), JSON.stringify(manifest));
      project = await DriverProject.of(example, join(work, `project-${major}`), tarball);
    }, 300_000);

    const tests = (...argv: string[]) =>
      project.run(nodeOf(ROOT, major), 'node_modules/vitest/vitest.mjs', 'run', ...argv);

    test('is green', () => {
      const { status, text } = tests();

      expect(text).toMatch(/Tests {2}\d+ passed/);
      expect(status, text).toBe(0);
    });

    test("shows README's finding, with its line", () => {
      const [, red = ''] = /^```ts\n\/\/ my-uart\.test\.ts\n([\s\S]*?)^```$/m.exec(read(ROOT, 'README.md'))!;
      writeFileSync(join(project.folder, 'test/my-uart.test.ts'), red);

      expect(tests('test/my-uart.test.ts').text).toContain('❯ print test/my-uart.test.ts:8:10');
    });
  },
);
