import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Debian } from './debian-packages.ts';

/** A program that is a QEMU of the next release. It uses libraries of its own, apart from the machine's. */
export function newerQemu(folder: string): string {
  const suite = join(folder, 'newer');
  mkdirSync(suite);
  const root = Debian.suite(suite, 'forky').unpackWhole('qemu-system-x86');
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  const script = join(folder, 'qemu');
  writeFileSync(
    script,
    `#!/bin/sh\nexec ${libraries}/ld-linux-x86-64.so.2 --library-path ${libraries}:${root}/usr/lib \\
  ${root}/usr/bin/qemu-system-x86_64 -L ${root}/usr/share/qemu -L ${root}/usr/share/seabios "$@"\n`,
  );
  chmodSync(script, 0o755);
  return script;
}
