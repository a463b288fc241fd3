import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { passesForQemu } from '../../hosts/qemu/rig.ts';
import { guestrig, inFolderOf } from '../rig.ts';

inFolderOf({ 'data.img': new Uint8Array(4096), 'odd.img': new Uint8Array(100) });

test.each([
  [['--on', 'bochs'], '--on must be qemu or qemu:FILE; got "bochs"\n'],
  [
    ['--on', 'qemu:/nowhere'],
    '--on: there is no /nowhere: install QEMU 8.2 or later (of Debian: qemu-system-x86 of trixie or later; examples/qemu/gets-qemu.sh fetches one), or name one: --on qemu:FILE\n',
  ],
  [['--on', 'qemu', '--log', 'x'], "option '--on <host>' cannot be used with option '--log <file>'\n"],
  [['--on', 'qemu', '--seed', '7'], "option '--on <host>' cannot be used with option '--seed <n>'\n"],
])('says in one line what is wrong with %j', async (argv, said) => {
  const { status, err } = await guestrig('probe', ...argv);

  expect([status, err.replace(/\n*$/, '\n')]).toEqual([2, said]);
});

test('prints the message of a QEMU that does not start', async () => {
  const binary = passesForQemu('echo "qemu: no memory" >&2; exit 1');

  const { status, err } = await guestrig('probe', '--on', `qemu:${binary}`, '--disk', 'data.img');

  expect([status, err]).toEqual([2, `qemu: ${binary} does not start: qemu: no memory\n`]);
});

test('refuses a file that is not a disk', async () => {
  writeFileSync('disk.qcow2', Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), Buffer.alloc(508)]));
  const binary = passesForQemu('exit 1');

  const odd = await guestrig('probe', '--on', `qemu:${binary}`, '--disk', 'odd.img');
  const packed = await guestrig('probe', '--on', `qemu:${binary}`, '--disk', 'disk.qcow2');

  expect([odd.status, packed.status]).toEqual([2, 2]);
  expect(odd.err).toContain('odd.img');
  expect(packed.err).toContain('is a qcow2 image');
});
