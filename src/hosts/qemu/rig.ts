import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from 'vitest';

/** A program that passes for QEMU, and does `does` instead. */
export function passesForQemu(does: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-rig-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'qemu-system-x86_64');
  writeFileSync(
    path,
    `#!/bin/sh
[ "$1" = --version ] && exec echo 'QEMU emulator version 10.1.0'
[ "$2" = help ] && exec printf 'tcg\\nqtest\\n'
${does}
`,
  );
  chmodSync(path, 0o755);
  return path;
}

/** Our own machine behind the qtest wire, with virtual time. */
export function ourselves(): string {
  const [tsx, main] = ['node_modules/.bin/tsx', 'src/cli/main.ts'].map((path) => resolve(path));
  return passesForQemu(`exec ${tsx} ${main} qtest --out /dev/null "$@"`);
}
