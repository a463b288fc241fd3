import { describe, expect, test } from 'vitest';
import { version } from '../core/version.ts';
import { elfOf, HALT, lidt, outb, outw, UD2 } from '../hosts/boot/kernel-rig.ts';
import { newestSet } from '../rules/sets.ts';
import { guestrig, inFolderOf } from './rig.ts';

const say = (text: string) => [...new TextEncoder().encode(text)].flatMap((byte) => outb(0x3f8, byte));
const OFF = [...outw(0xb004, 0x2000), ...HALT];
/** `jmp` to itself: only time passes. */
const SPIN = [0xeb, 0xfe];
/** FIFO on, eight bits a character. */
const OPEN = [...outb(0x3fa, 1), ...outb(0x3fb, 3)];

inFolderOf({
  greets: elfOf([...OPEN, ...say('hello\nlogin: '), ...SPIN]),
  crashes: elfOf([...lidt(0, 0), ...UD2]),
  leaves: elfOf([...OPEN, ...say('hello\n'), ...OFF]),
  // Two bytes in a row to a transmitter without a FIFO, again and again.
  floods: elfOf([...outb(0x3fb, 3), ...say('flood'), ...OFF]),
  'instant.json': '{ "serial": { "pace": "instant" } }',
});

const boot = (kernel: string, ...argv: string[]) =>
  guestrig('boot', '--kernel', kernel, '--options', 'instant.json', ...argv);

describe('guestrig boot ends', () => {
  test('when the console printed the text of --until', async () => {
    const { status, out } = await boot('greets', '--until', 'login: ');

    expect(status).toBe(0);
    expect(out).toMatch(/^hello\nlogin: \nRules for drivers /);
    expect(out).toMatch(/\nThe console printed what was waited for, after [\d.]+ s of its time\.\n$/);
  });

  test('as a failure, when the guest powers off without it: with the last line seen', async () => {
    const { status, out } = await boot('leaves', '--until', 'login: ');

    expect(status).toBe(1);
    expect(out).toMatch(
      /\nThe guest powered off, [^\n]+\nFAIL {2}"login: " was not printed; the last line seen is "hello"\n$/,
    );
  });

  test('at the limit of its time, which is no failure by itself', async () => {
    const { status, out } = await boot('greets', '--limit', '20ms');

    expect(status).toBe(0);
    expect(out).toMatch(/\nThe limit was reached, after 0\.02\d* s of its time\.\n$/);
  });

  test('as a failure, when the limit comes before the text of --until', async () => {
    const { status, out } = await boot('greets', '--limit', '20ms', '--until', 'never');

    expect(status).toBe(1);
    expect(out).toMatch(/\nFAIL {2}"never" was not printed; the last line seen is "login:"\n$/);
  });
});

test('a crash fails a boot, and is in its report for programs', async () => {
  const { status, out } = await boot('crashes', '--reporter', 'json');
  const { end } = JSON.parse(out);

  expect([status, end.how, end.crash.vector, end.complaints]).toEqual([
    1,
    'crash',
    6,
    ['it crashed: a fault while it took a fault, three times over (invalid opcode, vector 6)'],
  ]);
});

describe('a broken rule', () => {
  test('fails the boot', async () => {
    const { status, out } = await guestrig('boot', '--kernel', 'floods');

    expect([status, out.match(/^uart\/THR-FULL/m)?.length]).toEqual([1, 1]);
  });

  test('does not if it is waived, with a reason', async () => {
    const { status, out } = await guestrig(
      'boot',
      '--kernel',
      'floods',
      '--waive',
      'uart/THR-FULL=known, and harmless',
    );

    expect(status).toBe(0);
    expect(out).toMatch(/ 0 fail {3}\d+ unreached {3}1 waived\n/);
  });

  test.each([
    ['uart/THR', '--waive must be CLAUSE=REASON; got "uart/THR"'],
    [
      'uart/NO-SUCH-CLAUSE=x',
      '--waive[0] must be a clause (guestrig clauses lists them); got "uart/NO-SUCH-CLAUSE"',
    ],
    ['uart/THR-FULL= ', '--waive: uart/THR-FULL needs a reason after the ='],
  ])('is not waived by %j', async (value, said) => {
    expect(await guestrig('boot', '--kernel', 'floods', '--strict', '--waive', value)).toEqual({
      status: 2,
      out: '',
      err: `${said}\n`,
    });
  });
});

describe('a report for programs', () => {
  test('is JSON alone, with the console on standard error', async () => {
    const { status, out, err } = await boot(
      'leaves',
      '--until',
      'login',
      '--seed',
      '7',
      '--reporter',
      'json',
    );
    const { end, verdicts, guestrig: by, rules, ...rest } = JSON.parse(out);

    expect([status, err]).toEqual([1, 'hello\n']);
    expect(rest).toEqual({ schema: 1, profile: 'gce-n1', seed: 7, passed: false, firmware: [] });
    expect([by, rules]).toEqual([version(), newestSet()]);
    expect(end).toMatchObject({ how: 'off', lastLine: 'hello' });
    expect(end.complaints).toHaveLength(1);
    expect(verdicts.find(({ clause }: { clause: string }) => clause === 'uart/THR-FULL').outcome).toBe(
      'pass',
    );
  });

  test("is JUnit's XML: how the boot ended, then each clause", async () => {
    const { out } = await guestrig(
      'boot',
      '--kernel',
      'floods',
      '--profile',
      'qemu-pc',
      '--reporter',
      'junit',
    );

    expect(out).toMatch(
      /^<\?xml .*\n<testsuites name="guestrig boot, qemu-pc, seed 1" tests="\d+" failures="1">\n/,
    );
    expect(out).toContain(
      '<testcase classname="boot" name="ends without a crash"><system-out>The guest halted for good',
    );
    expect(out).toMatch(/<testcase classname="uart" name="uart\/THR-FULL [^"]+"><failure message="wrote /);
  });
});
