import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/core/random.ts';
import { V86Host } from '../../src/hosts/v86/index.ts';
import type { Machine } from '../../src/index.ts';
import { built } from './built.ts';

/** A file of the guest that has busybox, which is built first unless it is. */
export function busyboxFile(name: 'vmlinux' | 'initrd'): Uint8Array {
  return readFileSync(join(built('busybox/build.sh'), name));
}

/** A host of that guest, which does what its network's metadata have as startup script. */
export function busyboxHost(machine: Machine): Promise<V86Host> {
  const [kernel, initrd] = [busyboxFile('vmlinux'), busyboxFile('initrd')];
  return V86Host.create(machine, { kernel, initrd, append: 'console=ttyS0,115200 maxcpus=1 quiet' });
}

/** What the guest said of itself on the serial port: `name` → `169.254.169.254`. */
export function saidBy(machine: Machine): Map<string, string> {
  const lines = [...machine.serial[0]!.text.matchAll(/^(?:report: )?(\S+) (.*)\r$/gm)];
  return new Map(lines.map(([, what, how]) => [what!, how!]));
}

export function randomBytes(count: number, seed = 7): Uint8Array {
  const bytes = new Uint8Array(count);
  new Random(seed).fill(bytes);
  return bytes;
}

/** As `md5sum` and its like print it of what they read. */
export function digestOf(kind: 'md5' | 'sha256', bytes: Uint8Array): string {
  return `${createHash(kind).update(bytes).digest('hex')}  -`;
}
