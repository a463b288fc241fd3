import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { elfOf, outb } from '../hosts/boot/kernel-rig.ts';
import { guestrig, inFolderOf } from './rig.ts';
import { readScript } from './script-file.ts';

const ROOT = join(import.meta.dirname, '../..');

const say = (text: string) => [...new TextEncoder().encode(text)].flatMap((byte) => outb(0x3f8, byte));
/** Waits until LSR says that a byte is there, and prints it. */
const ECHO = [
  ...[0x66, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xfb], // mov dx, 3fd; again: in al, dx; test al, 1; jz again
  ...[0x66, 0xba, 0xf8, 0x03, 0xec, 0xee], // mov dx, 3f8; in al, dx; out dx, al
  ...[0xeb, 0xef], // jmp to the first
];
const SCRIPTS = {
  good: '# A comment.\n\nexpect "login: "\nsend "ro"\n  expect /O$/i within 2s\npause 5ms\nend\n',
  silent: 'expect "login: "\nexpect "Password: " within 20ms\nsend "secret\\n"\n',
  late: 'expect "login: "\nexpect "Password: " within 10min\n',
};
const WRONG = {
  quote: 'expect "a',
  escape: 'send "\\q"',
  regexp: 'expect /(/',
  flags: 'expect /a/g',
  nothing: 'expect ""',
  time: 'expect "a" within 3',
  noTime: 'expect "a" within 0s',
  pause: 'pause long',
  end: 'end now',
};

inFolderOf({
  guest: elfOf([...outb(0x3fa, 1), ...outb(0x3fb, 3), ...say('login: '), ...ECHO]),
  'instant.json': '{ "serial": { "pace": "instant" } }',
  ...SCRIPTS,
  ...WRONG,
  second: 'expect "a"\nexpct',
  none: '# nothing\n',
  behind: 'end\nsend "x"\n',
});

const boot = (...argv: string[]) =>
  guestrig('boot', '--kernel', 'guest', '--options', 'instant.json', ...argv);

describe('a script', () => {
  test('expects and sends, and ends the boot', async () => {
    const { status, out } = await boot('--script', 'good');

    expect(status).toBe(0);
    expect(out).toMatch(/^login: ro\n/);
    expect(out).toMatch(/\nThe script is over, after [\d.]+ s of its time\.\n$/);
  });

  test('fails at its time limit, with the awaited text and the last line seen', async () => {
    const { status, out } = await boot('--script', 'silent', '--limit', '1s');

    expect(status).toBe(1);
    expect(out).toMatch(
      /\nThe script is over, after 0\.0\d+ s of its time\.\nFAIL {2}script silent:2: "Password: " did not come within 0\.02 s; the last line seen is "login:"\n$/,
    );
  });

  test('fails when the boot ends before it', async () => {
    const { status, out } = await boot('--script', 'late', '--limit', '10ms');

    expect(status).toBe(1);
    expect(out).toMatch(
      /\nFAIL {2}script late:2: still waiting for "Password: "; the last line seen is "login:"\n$/,
    );
  });

  test('is what docs/command-line.md shows', () => {
    const [, script = ''] =
      /## Scripts\n.*?```\n(.*?)```/s.exec(readFileSync(join(ROOT, 'docs/command-line.md'), 'utf8')) ?? [];
    writeFileSync('shown', script);

    expect(readScript('shown').statements.map(({ kind }) => kind)).toEqual([
      'expect',
      'send',
      'expect',
      'pause',
      'send',
    ]);
  });

  const EXPECTED = ' must be expect TEXT [within TIME], send TEXT, pause TIME or end; got';
  const lines = Object.entries(WRONG).map(([name, text]) => [name, `:1${EXPECTED} ${JSON.stringify(text)}`]);
  test.each([
    ...(lines as [string, string][]),
    ['second', `:2${EXPECTED} "expct"`],
    ['none', ': holds no statement'],
    ['behind', ':2: nothing is done behind end'],
  ])('that is wrong, such as %s, is refused in one line', async (name, said) => {
    expect(await boot('--script', name)).toEqual({ status: 2, out: '', err: `script ${name}${said}\n` });
  });
});
