import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { guestrig, inFolderOf, standIn } from '../rig.ts';

inFolderOf({ kernel: 'a kernel', 'data.img': new Uint8Array(4096) });

describe('guestrig boot --on qemu', () => {
  test("shows the guest's output, and how it ended", async () => {
    const { status, out } = await guestrig('boot', '--on', standIn('echo hello'), '--kernel', 'kernel');

    expect(status).toBe(0);
    expect(out).toMatch(/^hello\n\nRules for drivers /);
    expect(out).toMatch(/\nThe guest powered off, after [\d.]+ \S+ of its time\.\n$/);
  });

  test('has the requested CPUs', async () => {
    const host = standIn('while [ "$1" != -smp ]; do shift; done; echo "$2 CPUs"');

    const { out } = await guestrig('boot', '--on', host, '--kernel', 'kernel', '--smp', '4');

    expect(out).toMatch(/^4 CPUs\n/);
  });

  test('has the arguments behind --', async () => {
    const host = standIn('while [ "$1" != -cpu ]; do shift; done; echo "an $2"');

    const { out } = await guestrig('boot', '--on', host, '--kernel', 'kernel', '--', '-cpu', 'Haswell');

    expect(out).toMatch(/^an Haswell\n/);
  });

  test.each([
    [['--', '-cpu', 'Haswell'], 'boot: takes "-cpu" only with --on qemu\n'],
    [['--smp', '2'], '--smp: goes with --on qemu: others have one CPU\n'],
    [['--on', 'qemu', '--smp', '0'], '--smp must be a whole number from 1 to 64; got "0"\n'],
  ])('says in one line what is wrong with %j', async (argv, said) => {
    const { status, err } = await guestrig('boot', '--kernel', 'kernel', ...argv);

    expect([status, err]).toEqual([2, said]);
  });

  test('ends a guest that printed the text of --until', async () => {
    const { status, out } = await guestrig(
      ...[
        'boot',
        '--on',
        standIn('echo "x login: "; exec sleep 100'),
        '--kernel',
        'kernel',
        '--until',
        'login: ',
      ],
    );

    expect(status).toBe(0);
    expect(out).toMatch(/\nThe console printed what was waited for, /);
  });

  test("ends a guest at the limit of its time, which is the host's", async () => {
    const { out } = await guestrig(
      ...['boot', '--on', standIn('exec sleep 100'), '--kernel', 'kernel', '--limit', '10ms'],
    );

    expect(out).toMatch(/\nThe limit was reached, /);
  });

  test("fails with QEMU's message if it gives up", async () => {
    const { status, out } = await guestrig(
      ...['boot', '--on', standIn('echo "qemu: no memory" >&2; exit 1'), '--kernel', 'kernel'],
    );

    expect(status).toBe(1);
    expect(out).toMatch(/\nFAIL {2}QEMU gave up: qemu: no memory\n$/);
  });

  test("passes on QEMU's other messages", async () => {
    const { status, err } = await guestrig(
      ...['boot', '--on', standIn('echo "qemu: a warning" >&2'), '--kernel', 'kernel'],
    );

    expect(status).toBe(0);
    expect(err).toMatch(/^qemu: a warning$/m);
  });

  test('gives QEMU each virtio function of the machine', async () => {
    writeFileSync('all.json', '{ "rng": true, "balloon": true, "nics": [{}, {}] }');

    const { out } = await guestrig(
      ...[
        'boot',
        '--on',
        standIn('for a; do echo "$a"; done'),
        '--disk',
        'data.img',
        '--options',
        'all.json',
      ],
    );

    expect([...out.matchAll(/"addr":"(\d\d)"/g)].map(([, addr]) => addr)).toEqual([
      '03',
      '04',
      '05',
      '06',
      '07',
    ]);
  });

  test.each([
    [[], 'boot: needs --kernel, --disk or --firmware\n'],
    [['--disk', 'data.img', '--append', 'quiet'], '--append: goes with --kernel\n'],
    [['--disk', 'data.img', '--initrd', 'kernel'], '--initrd: goes with --kernel\n'],
    [['--kernel', '-'], '--kernel must be a file, which QEMU reads itself; got "-"\n'],
    [['--kernel', 'missing'], 'kernel missing: no such file\n'],
    [['--kernel', 'kernel', '--script', 'missing'], 'script missing: no such file\n'],
  ])('says in one line what is wrong with %j', async (argv, said) => {
    const { status, err } = await guestrig('boot', '--on', standIn('exit'), ...argv);

    expect([status, err]).toEqual([2, said]);
  });

  test('refuses any other host', async () => {
    const { status, err } = await guestrig('boot', '--on', 'bochs', '--kernel', 'kernel');

    expect([status, err]).toEqual([2, '--on must be v86, kvm, kvm:slow, qemu or qemu:FILE; got "bochs"\n']);
  });
});
