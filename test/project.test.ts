import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CLAUSE_IDS } from '../src/rules/index.ts';

const read = (path: string) => readFileSync(path, 'utf8');
const { version, engines } = JSON.parse(read('package.json'));

describe('the version of the package', () => {
  test("is the crate's", () => {
    expect(/^version = "(.*)"$/m.exec(read('include/Cargo.toml'))?.[1]).toBe(version);
  });

  test('is the newest of the changelog', () => {
    expect(/^## \[(.*)\]$/m.exec(read('CHANGELOG.md'))?.[1]).toBe(version);
  });

  test.each(['README.md', 'docs/ci.md', 'examples/ci/README.md'])('is that of each tarball in %s', (page) => {
    const named = [...read(page).matchAll(/guestrig-([\d.]+)\.tgz/g)].map(([, one]) => one);

    expect(named.filter((one) => one !== version)).toEqual([]);
  });
});

describe('what may be copied', () => {
  const files = ['examples', 'include']
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
    )
    .filter((name) => /(\.(c|h|rs|ts|py|sh)|Makefile)$/.test(name) && !name.includes('node_modules'))
    // The page on first drivers shows these as they are.
    .filter((name) => !name.includes('/first-driver/'));

  test.each(files)('%s says that it is MIT-0, at its top', (file) => {
    expect(read(file).split('\n').slice(0, 2).join('\n')).toContain('SPDX-License-Identifier: MIT-0');
  });

  test.each(['examples', 'include'])('%s has the licence', (folder) => {
    expect(read(`${folder}/LICENSE`)).toMatch(/^MIT No Attribution\n/);
  });

  test('is so for the crate', () => {
    expect(read('include/Cargo.toml')).toContain('license = "MIT-0"');
  });
});

describe('the workflow of the project', () => {
  const workflow = read('.github/workflows/ci.yml');

  test('runs the tests on each Node that is supported', () => {
    const nodes = /node: \[(.*)\]/.exec(workflow)![1]!.split(', ').map(Number);

    expect(nodes).toEqual([20, 22, 24, 26]);
    expect(engines.node.startsWith(`>=${nodes[0]}.`)).toBe(true);
    expect(workflow).toMatch(/- run: npm ci\n +- run: npm test\n/);
  });

  test('may only read', () => {
    expect(/permissions:\n((?: {2}.*\n)+)/.exec(workflow)![1]).toBe('  contents: read\n');
  });
});

test('each file of slow tests is in one half of them, by its first letter', () => {
  const files = ['src', 'test', 'fuzz'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  const slow = files.filter((name) => /^test\/slow\/.*\.test\.ts$|\.slow\.test\.ts$/.test(name));
  const halves = [...read('.ci/run').matchAll(/turn=slow letters=(\S+)/g)].map(
    ([, letters]) => new RegExp(`/[${letters}][^/]*$`),
  );

  expect(slow.length).toBeGreaterThan(150);
  expect(slow.filter((name) => halves.filter((half) => half.test(name)).length !== 1)).toEqual([]);
});

describe('the form for a false alarm', () => {
  const form = read('.github/ISSUE_TEMPLATE/false-alarm.yml');
  const page = read('docs/false-alarm.md');

  test.each(['clause', 'finding', 'log', 'version'])('asks for the %s, as the page says', (id) => {
    expect(form).toContain(`    id: ${id}\n`);
  });

  test('names a clause that there is', () => {
    expect(CLAUSE_IDS).toContain(/placeholder: (\S+)/.exec(form)![1]);
  });

  test('asks for what the page has the reader do', () => {
    expect([form, page].map((text) => text.includes('guestrig judge-log run.jsonl'))).toEqual([true, true]);
  });
});

test('NOTICE says that guestrig is not of Google, and what is under another licence', () => {
  const notice = read('NOTICE').replaceAll(/\s+/g, ' ');

  expect(notice).toContain('is not affiliated with Google');
  expect(notice).toContain('examples/ and include/, which are under MIT-0');
});
