import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { leftOut, WAYS } from '../../docs/generate/ways.ts';
import { workFolder } from './work-folder.ts';

/** The clients of the examples, and variants with one mistake each, by Python and by gcc. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LOADER = createRequire(import.meta.url).resolve('tsx');
const work = workFolder();
const MACHINE = join(work, 'guestrig-system-x86_64');

const SAID = `00:00.0 8086:1237
00:01.0 8086:7110
00:04.0 1af4:1004
INQUIRY: status 0, Google   PersistentDisk  
`;

beforeAll(() => {
  cpSync(join(ROOT, 'examples', 'qtest'), work, { recursive: true });
  // The package's program, by the name that a test program would use.
  const program = `exec '${process.execPath}' --import '${LOADER}' '${ROOT}src/cli/qtest/system.ts' "$@"\n`;
  writeFileSync(MACHINE, `#!/bin/sh\n${program}`);
  chmodSync(MACHINE, 0o755);
});

function run(command: string, ...argv: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(command, argv, { cwd: work, encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

/** A copy of `file`, with one place replaced. */
function mistaken(file: string, place: string, mistake: string): string {
  const text = readFileSync(join(work, file), 'utf8');
  writeFileSync(join(work, `wrong-${file}`), text.replace(place, mistake));
  return `wrong-${file}`;
}

function compiled(file: string): string {
  const program = join(work, file.replace('.c', ''));
  run('gcc', '-Wall', '-Wextra', '-Werror', '-o', program, file, 'qtest.c');
  return program;
}

/** Clauses that a report has as met. */
function metIn(report: string): string[] {
  const { verdicts } = JSON.parse(readFileSync(report, 'utf8'));
  const met = verdicts.filter(({ outcome }: { outcome: string }) => outcome !== 'unreached');
  return met.map(({ clause }: { clause: string }) => clause);
}

describe('a client in Python', () => {
  test('meets no clause that the table of ways in leaves out', () => {
    const report = join(work, 'verdict.json');

    run('env', `GUESTRIG_QTEST=--reporter json --out ${report}`, 'python3', 'inquiry.py', MACHINE);

    expect(metIn(report).length).toBeGreaterThan(50);
    expect(leftOut(WAYS.qtest, metIn(report))).toEqual([]);
  });

  test('finds the functions, queries the disk, and keeps the rules', () => {
    const { status, out, err } = run('python3', 'inquiry.py', MACHINE);

    expect([out, status]).toEqual([SAID, 0]);
    expect(err).toMatch(/^Rules for drivers {3}\d+ pass {3}0 fail /);
  });

  test('gets its findings', () => {
    const wrong = mistaken('inquiry.py', '        self.reset()\n', '        self.status(0)\n');
    const { status, err } = run('python3', wrong, MACHINE);

    expect([status, err.match(/^\w+\/[A-Z]\S+/gm)]).toEqual([1, ['virtio/RESET-D1']]);
  });
});

describe('a client in C', () => {
  test('finds the functions, queries the disk, and keeps the rules', () => {
    const { status, out, err } = run(compiled('inquiry.c'), MACHINE);

    expect([out, status]).toEqual([SAID, 0]);
    expect(err).toMatch(/^Rules for drivers {3}\d+ pass {3}0 fail /);
  });

  test('gets its findings', () => {
    const wrong = mistaken('inquiry.c', '    in(BASE + FEATURES, 4);\n', '');
    const { status, err } = run(compiled(wrong), MACHINE);

    expect([status, err.match(/^\w+\/[A-Z]\S+/gm)]).toEqual([1, ['virtio/INIT-D4']]);
  });
});
