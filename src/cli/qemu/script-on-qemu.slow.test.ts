import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { guestrig, inFolderOf, standIn } from '../rig.ts';
import { run } from '../run.ts';

inFolderOf({
  kernel: 'a kernel',
  talk: 'expect "login: "\nsend "root\\n"\nexpect /welcome (\\w+)$/\npause 20ms\nsend "off\\n"\n',
  ends: 'expect "login: "\nend\n',
  vain: 'expect "login: "\nexpect "Password: " within 20ms\n',
  never: 'expect "Password: "\n',
  waits: '# It never comes.\nexpect "login: "\nexpect "Password: "\n',
  wrong: 'expect "login: "\nexpct\n',
});

const boot = (does: string, script: string, ...argv: string[]) =>
  guestrig('boot', '--on', standIn(does), '--kernel', 'kernel', '--script', script, ...argv);

describe('a script on QEMU', () => {
  test('expects and sends, until the guest is off', async () => {
    const { status, out } = await boot(
      'printf "login: "; read name; echo "welcome $name"; read word; echo "$word"',
      'talk',
    );

    expect(status).toBe(0);
    expect(out).toMatch(/^login: welcome root\noff\n\nRules for drivers /);
    expect(out).toMatch(/\nThe guest powered off, after [\d.]+ s of its time\.\n$/);
  });

  test('reads output as a terminal shows it', async () => {
    const { status } = await boot('printf "\\033[1mlog\\033[0min: "; exec sleep 100', 'ends');

    expect(status).toBe(0);
  });

  test('ends the boot', async () => {
    const { status, out } = await boot('printf "login: "; exec sleep 100', 'ends');

    expect(status).toBe(0);
    expect(out).toMatch(/\nThe script is over, after [\d.]+ s of its time\.\n$/);
  });

  test("fails at its time limit, in the host's time, even if the guest accesses no device", async () => {
    const { status, out } = await boot('printf "login: "; exec sleep 100', 'vain');

    expect(status).toBe(1);
    expect(out).toMatch(
      /\nThe script is over, after [\d.]+ s of its time\.\nFAIL {2}script vain:2: "Password: " did not come within 0\.02 s; the last line seen is "login:"\n$/,
    );
  });

  test('fails when the boot ends before it', async () => {
    const { status, out } = await boot('printf "login: "; exec sleep 100', 'never', '--limit', '200ms');

    expect(status).toBe(1);
    // On a busy host the output may not be there yet.
    expect(out).toMatch(
      /\nThe limit was reached, [^\n]+\nFAIL {2}script never:1: still waiting for "Password: "; [^\n]+\n$/,
    );
  });

  test('fails when the guest powers off in the middle of it', async () => {
    const { status, out } = await boot('echo "login: "', 'waits');

    expect(status).toBe(1);
    expect(out).toMatch(
      /\nThe guest powered off, [^\n]+\nFAIL {2}script waits:3: still waiting for "Password: "; the last line seen is "login:"\n$/,
    );
  });

  test.each([
    ['kill -KILL $$', 'ended by SIGKILL'],
    // A child process still has its output open.
    ['sleep 5 & kill -KILL $$', 'ended by SIGKILL'],
    ['exit 3', 'exit status 3'],
    ['echo "qemu: out of memory" >&2; exit 1', 'qemu: out of memory'],
    [
      // QEMU's message about a signal, and its exit status then.
      'echo "qemu-system-x86_64: terminating on signal 15 from pid 1 (sh)" >&2; exit 0',
      'qemu-system-x86_64: terminating on signal 15 from pid 1 (sh)',
    ],
  ])('fails in one line where QEMU dies in the middle of it: %s', async (dies, why) => {
    const { status, out, err } = await boot(`echo "login: "; ${dies}`, 'waits');

    expect([status, err]).toEqual([1, '']);
    expect(out.slice(out.lastIndexOf('\nQEMU ended'))).toMatch(
      /^\nQEMU ended before the guest did, after [\d.]+ s of its time\.\nFAIL {2}QEMU gave up: [^\n]+\n$/,
    );
    expect(out).toContain(
      `QEMU gave up: ${why}; script waits:3: still waiting for "Password: "; the last line seen is "login:"\n`,
    );
  });

  test('that is invalid is refused before QEMU is started', async () => {
    const { status, out, err } = await boot('echo started', 'wrong');

    expect([status, out]).toEqual([2, '']);
    expect(err).toMatch(/^script wrong:2 must be expect TEXT [^\n]+; got "expct"\n$/);
  });

  test('is reported at Ctrl-C with its position, although QEMU gets the signal, too', async () => {
    const said = { out: '', err: '' };
    let stop = () => {};
    const keyboard = {
      live: false,
      listen: (_type: unknown, onStop: () => void) => {
        stop = onStop;
        return () => {};
      },
    };
    writeFileSync('pressed', 'expect "login: "\nexpect "Password: "\n');
    const host = standIn('echo "login: "; read word; echo "qemu: terminating on signal 2" >&2');

    const status = await run(['boot', '--on', host, '--kernel', 'kernel', '--script', 'pressed'], {
      out: (text) => {
        said.out += text;
        stop();
      },
      err: (text) => (said.err += text),
      color: false,
      keyboard,
    });

    expect([status, said.err]).toEqual([1, '']);
    expect(said.out).toMatch(
      /\nThe run was stopped, [^\n]+\nFAIL {2}script pressed:2: still waiting for "Password: "; the last line seen is "login:"\n$/,
    );
  });
});
