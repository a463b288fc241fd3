import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { run } from './run.ts';

/** Runs the tests of the calling file in a new folder that holds `files`. */
export function inFolderOf(files: Readonly<Record<string, string | Uint8Array>>): void {
  const home = process.cwd();
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'guestrig-'));
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    process.chdir(folder);
  });
  afterAll(() => {
    process.chdir(home);
    rmSync(folder, { recursive: true });
  });
}

/** The exit status and the output of a command line. */
export async function guestrig(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const status = await run(argv, {
    out: (text) => (said.out += text),
    err: (text) => (said.err += text),
    color: false,
  });
  return { status, ...said };
}

/** A free port of this host. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A program that passes for QEMU, and does this instead of running a guest. @returns the value of `--on`. */
export function standIn(does: string): string {
  writeFileSync(
    'qemu',
    `#!/bin/sh\n[ "$1" = --version ] && exec echo 'QEMU emulator version 11.1.2'\n${does}\n`,
  );
  chmodSync('qemu', 0o755);
  return `qemu:${resolve('qemu')}`;
}
