import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { versionOf } from '../../src/hosts/vfio-user/rig.ts';
import { SocketClient } from '../../src/hosts/vfio-user/system/client-rig.ts';
import { workFolder } from './work-folder.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const folder = workFolder();
const TSX = import.meta.resolve('tsx');
const GUESTRIG = `${process.execPath} --import ${TSX} ${ROOT}src/cli/main.ts`;
const example = (name: string) => join(ROOT, 'examples/qemu', name);

/** A program that passes for QEMU, and prints this. */
function qemu(prints: string): string {
  const file = join(folder, 'qemu');
  writeFileSync(
    file,
    `#!/bin/sh\n[ "$1" = --version ] && exec echo 'QEMU emulator version 11.1.2'\necho '${prints}'\n`,
  );
  chmodSync(file, 0o755);
  return file;
}

test.each([
  ['debian login:', 0],
  ['Kernel panic', 1],
])('boots.sh looks for what a guest prints: %s', (prints, status) => {
  const kernel = join(folder, 'kernel');
  writeFileSync(kernel, 'a kernel');
  const env = { ...process.env, GUESTRIG, GUESTRIG_QEMU: qemu(prints) };

  const ended = spawnSync(example('boots.sh'), ['--kernel', kernel], { cwd: folder, env, encoding: 'utf8' });

  expect([ended.status, ended.stdout.includes(prints)]).toEqual([status, true]);
});

/** Waits until a socket is there, or its server has ended. */
async function waiting(server: ChildProcess, socket: string): Promise<void> {
  while (!existsSync(socket) && server.exitCode === null) await setTimeout(50);
}

test('serves.sh serves a card until its client is gone, and leaves its log', async () => {
  const socket = join(folder, 'net.sock');
  const server = spawn(example('serves.sh'), [socket], { cwd: folder, env: { ...process.env, GUESTRIG } });
  const ended = once(server, 'exit');
  await waiting(server, socket);
  const client = new SocketClient(socket);
  await client.call('VERSION', versionOf(''));
  client.close();

  const [status] = await ended;

  expect(status).toBe(0);
  expect(readFileSync(join(folder, 'driver.jsonl'), 'utf8')).toBe('');
});

test.each([
  ['a mirror does not answer', { MIRROR: 'http://127.0.0.1:9/debian' }, /127\.0\.0\.1:9/],
  ['there is no apt-get', { PATH: '/nowhere' }, /needs apt-get and dpkg-deb, as Debian has them/],
])('gets-qemu.sh says in one line that %s', (_, env, said) => {
  const argv = [example('gets-qemu.sh'), join(folder, 'newer')];
  const { status, stderr } = spawnSync('/bin/sh', argv, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });

  expect([status, stderr.match(/\n/g)!.length]).toEqual([1, 1]);
  expect(stderr).toMatch(/^gets-qemu\.sh: /);
  expect(stderr).toMatch(said);
});
