import { chmodSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** A program that passes for QEMU, and does this instead of running a guest. @returns the value of `--on`. */
export function standIn(does: string): string {
  writeFileSync(
    'qemu',
    `#!/bin/sh\n[ "$1" = --version ] && exec echo 'QEMU emulator version 11.1.2'\n${does}\n`,
  );
  chmodSync('qemu', 0o755);
  return `qemu:${resolve('qemu')}`;
}
