import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { withPackage } from './package/project.ts';
import { nodeOf, nodesOf } from './package/registry.ts';
import { NODES } from './package/versions.ts';
import { workFolder } from './work-folder.ts';

/** Follows the pages literally, in a project of its own: each file is a block whose first line is its name. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PAGES = ['README.md', 'docs/wasm.md', 'docs/ci.md'].map((page) =>
  readFileSync(join(ROOT, page), 'utf8'),
);
const README = PAGES[0]!;
const BLOCKS = [...PAGES.join('\n').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language, text]) => ({
  language: language!,
  text: text!,
}));
const screens = BLOCKS.filter(({ language }) => language === '').map(({ text }) => text);
const screen = (part: string) => screens.find((text) => text.includes(part))!;
const work = workFolder();
const project = join(work, 'project');

function run(program: string, argv: readonly string[], cwd = project): string {
  const { stdout, stderr, error } = spawnSync(program, argv, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', CI: '1', GITHUB_ACTIONS: '', VITEST: '' },
  });
  return error === undefined ? stdout + stderr : String(error);
}

/** A line of the README, as a shell runs it; `npx vitest` is ours. */
function shell(line: string, node = 'node'): string {
  const runner = join(ROOT, 'node_modules/vitest/vitest.mjs');
  return run('sh', ['-c', line.replace('npx vitest', `${node} ${runner}`)]);
}

const vitest = (file: string, node?: string) => shell(`npx vitest run ${file}`, node);

beforeAll(async () => {
  await nodesOf(ROOT);
  await withPackage(project);
  cpSync(join(ROOT, 'examples/first-driver'), project, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  for (const { text } of BLOCKS) {
    const name = /^\/\/ (\S+\.\w+)\n/.exec(text)?.[1];
    if (name !== undefined) writeFileSync(join(project, name), text.slice(text.indexOf('\n') + 1));
  }
  const [driver] = /^function print[\s\S]*?^}/m.exec(README)!;
  writeFileSync(
    join(project, 'my-uart.ts'),
    `import type { GuestPort } from 'guestrig';\n\nexport ${driver}\n`,
  );
}, 300_000);

describe('the README', () => {
  test.each(NODES)(
    'shows to the letter what the driver with a bug makes of its test, on Node %s',
    (major) => {
      const said = vitest('my-uart.test.ts', nodeOf(ROOT, major));

      expect(said).toContain(screen('uart/THR-FULL  ttyS0'));
      expect(said).toContain('❯ print my-uart.test.ts:8:10');
    },
  );

  test.each(NODES)('has a fix that mends it, on Node %s', (major) => {
    const [, fix] = /^Its fix is .*: `(.*)`\./m.exec(README)!;
    const test = readFileSync(join(project, 'my-uart.test.ts'), 'utf8');
    writeFileSync(
      join(project, 'mended.test.ts'),
      test.replace(/^ +port\.out\(base, byte/m, (line) => `    ${fix}\n${line}`),
    );

    expect(vitest('mended.test.ts', nodeOf(ROOT, major))).toContain('Tests  1 passed (1)');
  });
});

describe('the pages that it leads to', () => {
  test('has a command for CI that writes what its readers read', () => {
    shell(screen('--reporter=junit').trim());

    const report = readFileSync(join(project, 'report.xml'), 'utf8');
    expect(report).toContain('<testcase classname="my-uart.test.ts" name="prints"');
    expect(report).toContain('uart/THR-FULL');
  });

  test('has a driver in C that is compiled and conforms', () => {
    const compiled = shell(screen('clang').trim());
    const said = vitest('my-uart-c.test.ts');

    expect(compiled).toBe('');
    expect(said).toContain('1 passed (1)');
  });

  test('has a model that is judged', () => {
    expect(vitest('my-nic.test.ts')).toContain('1 passed (1)');
  });

  test('has a driver that is run in the suite, and keeps the clauses that it reaches', () => {
    expect(vitest('my-nic.conformance.test.ts')).toMatch(/Tests {2}\d+ passed \| \d+ skipped \(\d+\)/);
  });

  test('has first drivers that work with the installed package', () => {
    const { length } = readFileSync(join(project, 'first-driver.test.ts'), 'utf8').match(/^test\(/gm)!;

    expect(vitest('first-driver.test.ts')).toContain(`${length} passed (${length})`);
  });
});

describe('a test that fails for another reason', () => {
  /** The file with these lines, after their imports. */
  function said(...lines: readonly string[]): string {
    const head = [
      "import 'guestrig/vitest';",
      "import { gceN1 } from 'guestrig';",
      "import { beforeAll, expect, test } from 'vitest';",
      "import { print } from './my-uart.js';",
    ];
    writeFileSync(join(project, 'red.test.ts'), [...head, ...lines].join('\n'));
    return vitest('red.test.ts');
  }

  test('also reports what the driver broke, with its line', () => {
    const text = said(
      "test('throws', () => {",
      "  print(gceN1().port, 0x3f8, 'hello');",
      "  throw new Error('out of luck');",
      '});',
    );

    expect(text).toContain('Error: out of luck');
    expect(text).toContain('uart/THR-FULL  ttyS0');
    expect(text).toContain('❯ print my-uart.ts:6:10');
  });

  test.each([
    ['at the top of the file', 'const machine = gceN1();'],
    ['in beforeAll', 'let machine; beforeAll(() => { machine = gceN1(); });'],
  ])('tells it of a machine that was made %s', (_, made) => {
    const text = said(
      made,
      "test('is red', () => { print(machine.port, 0x3f8, 'hello'); expect(1).toBe(2); });",
    );

    expect(text).toContain('❯ print my-uart.ts:6:10');
  });

  test('reports nothing of an earlier test', () => {
    const text = said(
      'const machine = gceN1();',
      "test('is green', () => print(machine.port, 0x3f8, 'hello'));",
      "test('is red', () => expect(1).toBe(2));",
    );

    expect(text).toContain('1 failed | 1 passed');
    expect(text).not.toContain('uart/THR-FULL');
  });

  test('reports nothing of a concurrent test', () => {
    const text = said(
      "test.concurrent('breaks a rule', async () => { await null; print(gceN1().port, 0x3f8, 'hello'); });",
      "test.concurrent('is red', async ({ expect }) => { await null; await null; expect(1).toBe(2); });",
    );

    expect(text).toContain('1 failed | 1 passed');
    expect(text).not.toContain('uart/THR-FULL');
  });
});
