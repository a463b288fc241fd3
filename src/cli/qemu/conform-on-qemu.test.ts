import { expect, test } from 'vitest';
import { passesForQemu } from '../../hosts/qemu/rig.ts';
import { guestrig, inFolderOf } from '../rig.ts';

const NIC = `export default {
  name: 'nic',
  drivers: [{ name: 'nic', matches: () => true, attach: () => null }],
};`;

inFolderOf({ 'nic.mjs': NIC, 'two.json': '{ "vcpus": 2 }' });

test.each([
  [['--on', 'bochs'], '--on must be qemu or qemu:FILE; got "bochs"\n'],
  [
    ['--on', 'qemu:/nowhere'],
    '--on: there is no /nowhere: install QEMU 8.2 or later (of Debian: qemu-system-x86 of trixie or later; examples/qemu/gets-qemu.sh fetches one), or name one: --on qemu:FILE\n',
  ],
  [
    ['--on', 'qemu', '--machine', 'qemu-pc'],
    "option '--on <host>' cannot be used with option '--machine <name>'\n",
  ],
  [['--on', 'qemu', '--jobs', '2'], "option '--on <host>' cannot be used with option '--jobs <n>'\n"],
  [
    ['--on', 'qemu', '--trace', 'x.json'],
    "option '--on <host>' cannot be used with option '--trace <file>'\n",
  ],
  [['--on', 'qemu', '--options', 'two.json'], 'options.vcpus: on QEMU there is none but virtio\n'],
])('says in one line what is wrong with %j', async (argv, said) => {
  const { status, err } = await guestrig('conform', 'nic.mjs', ...argv);

  expect([status, err.replace(/\n*$/, '\n')]).toEqual([2, said]);
});

test('refuses a driver in WebAssembly, whose memory is the RAM of a machine', async () => {
  const { status, err } = await guestrig('conform', 'nic.wasm', '--on', 'qemu');

  expect([status, err]).toEqual([2, '--on: nic.wasm is at work in the RAM of a machine of ours\n']);
});

test('plays no scenario that needs the other end of our machine', async () => {
  const binary = passesForQemu('exit 1');

  const { status, err } = await guestrig(
    'conform',
    'nic.mjs',
    '--on',
    `qemu:${binary}`,
    '--scenario',
    'a machine whose power fails',
  );

  expect([status, err]).toEqual([
    2,
    '--scenario: none of these can be played on QEMU: docs/reference/scenarios.md\n',
  ]);
});

test('prints the message of a QEMU that does not start', async () => {
  const binary = passesForQemu('echo "qemu: no memory" >&2; exit 1');

  const { status, err } = await guestrig('conform', 'nic.mjs', '--on', `qemu:${binary}`);

  expect([status, err]).toEqual([2, `qemu: ${binary} does not start: qemu: no memory\n`]);
});
