import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { virtioNetDriver } from '../../guest/index.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { traceTo } from '../records.ts';
import { guestrig, inFolderOf } from '../rig.ts';

inFolderOf({ 'empty.jsonl': '', 'other.txt': 'a text\nof two lines\n' });

beforeAll(() => {
  const machine = gceN1({ seed: 7 });
  const trace = traceTo(machine, 'run.jsonl')!;
  machine.attach(virtioNetDriver).send(new Uint8Array(60));
  for (let i = 0; i < 3; i++) machine.port.out(0x3f8, 0x41, 1);
  trace.close();
  machine.close();
});

describe('guestrig judge-log', () => {
  test("reports a run's findings, without its machine", async () => {
    const { status, out } = await guestrig('judge-log', 'run.jsonl');

    expect(status).toBe(1);
    expect(out).toContain('uart/THR-FULL  ttyS0');
    expect(out).toMatch(/^Line \d+ breaks uart\/THR-FULL\.$/m);
    expect(out).toMatch(/^The log is guestrig's: \d+ accesses in \d+ lines\.$/m);
  });

  test('takes waivers', async () => {
    const { status, out } = await guestrig('judge-log', 'run.jsonl', '--waive', 'uart/THR-FULL=a console');

    expect([status, out.includes('1 waived')]).toEqual([0, true]);
  });

  test("reports to programs the log's origin and errors", async () => {
    writeFileSync('mixed.jsonl', `hello\n${readFileSync('run.jsonl')}{"at":1,"kin`);

    const { out } = await guestrig('judge-log', 'mixed.jsonl', '--reporter', 'json');

    expect(JSON.parse(out)).toMatchObject({
      schema: 1,
      profile: 'gce-n1',
      seed: 7,
      passed: false,
      log: { form: 'guestrig', foreign: 1, damagedTotal: 1 },
    });
  });

  test('names itself in a report for a CI', async () => {
    const { out } = await guestrig('judge-log', 'run.jsonl', '--reporter', 'junit');

    expect(out).toContain('guestrig judge-log, gce-n1, seed 7');
  });

  test('reads standard input', () => {
    const main = new URL('../main.ts', import.meta.url).pathname;
    const argv = ['--import', 'tsx', main, 'judge-log', '-', '--waive', 'uart/THR-FULL=a console'];

    const out = execFileSync(process.execPath, argv, {
      cwd: new URL('../../..', import.meta.url).pathname,
      input: readFileSync('run.jsonl'),
      encoding: 'utf8',
    });

    expect(out).toContain("The log is guestrig's");
  });

  test.each([
    [['judge-log'], "missing required argument 'file'\n"],
    [['judge-log', 'none.jsonl'], 'log none.jsonl: no such file\n'],
    [['judge-log', '.'], 'log .: is a directory\n'],
    [['judge-log', 'empty.jsonl'], 'log empty.jsonl: has no line of a log that guestrig knows\n'],
    [['judge-log', 'other.txt'], 'log other.txt: has no line of a log that guestrig knows\n'],
  ])('says in one line what is wrong with %j', async (argv, said) => {
    expect(await guestrig(...argv)).toEqual({ status: 2, out: '', err: said });
  });
});
