import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DRIVER_CLAUSES } from '../docs/generate/ways.ts';
import { run } from '../src/cli/run.ts';
import { COMPILERS, NODES, VITESTS } from './slow/package/versions.ts';

const read = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8');
const readme = read('README.md');

describe('the README', () => {
  test('has at most 120 lines', () => {
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  });

  test('says how many rules there are for drivers', () => {
    expect(readme).toContain(` ${DRIVER_CLAUSES.length} rules of `);
  });

  test('names the versions that the slow tests take', () => {
    const list = (words: readonly string[]) => words.join(', ').replace(/, (\S+)$/, ' and $1');

    expect(readme).toContain(`Node ${list(NODES)}, vitest ${list(VITESTS)}, `);
    expect(readme).toContain(`TypeScript ${COMPILERS[0]} to ${COMPILERS.at(-1)}`);
  });

  test('names the one package that comes along', () => {
    const { dependencies, engines } = JSON.parse(read('package.json'));

    expect(Object.keys(dependencies)).toEqual(['commander']);
    expect(readme).toContain('one dependency (commander)');
    expect(readme).toContain(`Node ${engines.node.slice(2)} or newer`);
  });
});

describe('the page of commands shows', () => {
  test("the probe's output, to the letter: virtual time makes it the same everywhere", async () => {
    let out = '';

    await run(['probe'], { out: (text) => (out += text), err: () => {}, color: false });

    expect(read('docs/command-line.md')).toContain(out.trimEnd());
  });
});
