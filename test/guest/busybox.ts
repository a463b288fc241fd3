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

/** A host of that guest, which runs its network's startup script from the metadata. */
export function busyboxHost(machine: Machine): Promise<V86Host> {
  return hostWith(machine, busyboxFile('initrd'));
}

/** The same, which can make and grow file systems, and reserve disks. */
export function disksHost(machine: Machine): Promise<V86Host> {
  const tools = readFileSync(join(built('e2fsprogs/build.sh'), 'tools'));
  return hostWith(machine, Buffer.concat([busyboxFile('initrd'), tools]));
}

function hostWith(machine: Machine, initrd: Uint8Array): Promise<V86Host> {
  const append = 'console=ttyS0,115200 maxcpus=1 quiet';
  return V86Host.create(machine, { kernel: busyboxFile('vmlinux'), initrd, append });
}

/** The guest's reports on the serial port: `name` → `169.254.169.254`. */
export function saidBy(machine: Machine): Map<string, string> {
  const lines = [...machine.serial[0]!.text.matchAll(/^(?:report: )?(\S+) (.*)\r$/gm)];
  return new Map(lines.map(([, what, how]) => [what!, how!]));
}

export function randomBytes(count: number, seed = 7): Uint8Array {
  const bytes = new Uint8Array(count);
  new Random(seed).fill(bytes);
  return bytes;
}

/** In the form of `md5sum` and similar programs. */
export function digestOf(kind: 'md5' | 'sha256', bytes: Uint8Array): string {
  return `${createHash(kind).update(bytes).digest('hex')}  -`;
}
