import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

const TEBIBYTE = 2 ** 40;
const LONG_NAME = 'n'.repeat(256);

/** What may exist in place of a file, by name, and its error. */
export const WRONG: Readonly<Record<string, string>> = {
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
export async function makeWrongFiles(): Promise<Server> {
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
