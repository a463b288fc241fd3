import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configOf } from '../audit/rig.ts';
import { elfOf, HALT, outw } from '../hosts/boot/kernel-rig.ts';
import { guestrig, inFolderOf } from './rig.ts';

const TEBIBYTE = 2 ** 40;
const LONG_NAME = 'n'.repeat(256);

/** What may exist in place of a file, by name, and its error. */
const WRONG: Readonly<Record<string, string>> = {
  missing: 'no such file',
  dangling: 'no such file',
  'plain/below-a-file': 'no such file',
  [LONG_NAME]: 'is too long a name',
  loop: 'leads through too many symbolic links',
  folder: 'is a directory',
  pipe: 'is a pipe without a writer',
  socket: 'is a socket',
  '/dev/null': 'is a character device',
  '/dev/zero': 'is a character device',
  '/dev/random': 'is a character device',
  '/proc/self/mem': 'the host says EIO',
  sparse: 'is larger than the \\d+ MiB that are read',
  empty: 'is empty',
};

/** Creates them in the current folder. @returns the server of the socket, to be closed. */
async function makeWrongFiles(): Promise<Server> {
  symlinkSync('missing', 'dangling');
  symlinkSync('loop', 'loop');
  mkdirSync('folder');
  execFileSync('mkfifo', ['pipe']);
  for (const name of ['plain', 'empty', 'sparse']) writeFileSync(name, '');
  truncateSync('sparse', TEBIBYTE);
  const server = createServer();
  await new Promise<void>((listening) => server.listen('socket', listening));
  return server;
}

inFolderOf({ config: configOf(), off: elfOf([...outw(0xb004, 0x2000), ...HALT]) });
let listening: Server;
beforeAll(async () => {
  listening = await makeWrongFiles();
});
afterAll(() => void listening.close());

/** For each option that names a file to read: the command line before the name, and the file's name in messages. */
const READS: readonly (readonly [argv: string, kind: string])[] = [
  ['probe --pcap', 'pcap'],
  ['probe --options', 'options'],
  ['lspci --options', 'options'],
  ['boot --kernel off --options', 'options'],
  ['boot --kernel', 'kernel'],
  ['boot --kernel off --initrd', 'initrd'],
  ['boot --firmware', 'firmware'],
  ['audit --config', 'config'],
  ['audit --config config --initrd', 'initramfs'],
  ['audit --config config --sysctl', 'sysctl'],
];
/** A directory without settings, and files without any, set nothing. */
const SETS_NOTHING = ['folder', 'empty', '/dev/null'];

const CASES = READS.flatMap(([argv, kind]) =>
  Object.entries(WRONG)
    .filter(([name]) => kind !== 'sysctl' || !SETS_NOTHING.includes(name))
    .map(([name, said]) => [argv, name, kind, said] as const),
);

test.each(CASES)('%s %s is refused in one line', async (argv, name, kind, said) => {
  const { status, out, err } = await guestrig(...argv.split(' '), name);

  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toMatch(new RegExp(`^${kind} ${name}: ${said}\n$`));
});

describe('a disk', () => {
  const IRREGULAR = ['folder', 'pipe', 'socket', '/dev/null', '/dev/zero', '/dev/random'];
  const DISKS = [
    ...IRREGULAR.map((name) => [name, 'not a regular file']),
    ...['missing', 'dangling', 'plain/below-a-file', 'loop'].map((name) => [name, WRONG[name]!]),
    ['n'.repeat(256), 'is too long a name'],
    ['empty', '0 bytes are not a multiple of 512 above 0'],
    ['off', '\\d+ bytes are not a multiple of 512 above 0'],
    ['/proc/self/mem', '0 bytes are not a multiple of 512 above 0'],
  ].flatMap(([name, said]) =>
    ['probe --disk', 'boot --kernel off --disk'].map((argv) => [argv, name!, said!] as const),
  );

  test.each(DISKS)('%s %s is refused in one line', async (argv, name, said) => {
    const { status, out, err } = await guestrig(...argv.split(' '), name);

    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(new RegExp(`^disk ${name}: ${said}\n$`));
  });

  test('of a tebibyte, sparse, can be booted', async () => {
    expect(await guestrig('boot', '--kernel', 'off', '--disk', 'sparse')).toMatchObject({
      status: 0,
      err: '',
    });
  });
});

describe('a file to write', () => {
  const WRITES = ['probe --log', 'boot --kernel off --log', 'boot --kernel off --pcap'];
  const UNWRITTEN = [
    ['folder', 'is a directory'],
    ['missing/file', 'no such directory'],
    ['plain/below-a-file', 'no such directory'],
    ['loop', 'leads through too many symbolic links'],
    ['pipe', 'is a socket, or a pipe without a process at its other end'],
    ['socket', 'is a socket, or a pipe without a process at its other end'],
    ['n'.repeat(256), 'is too long a name'],
    ['/dev/full', 'no space left'],
  ].flatMap(([name, said]) => WRITES.map((argv) => [argv, name!, said!] as const));

  test.each(UNWRITTEN)('%s %s is refused in one line', async (argv, name, said) => {
    const { status, err } = await guestrig(...argv.split(' '), name);

    expect(status).toBe(2);
    expect(err).toMatch(new RegExp(`^(log|pcap) ${name}: ${said}\n$`));
  });
});
