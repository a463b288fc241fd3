import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const GETS = new URL('../../examples/qemu/gets-qemu.sh', import.meta.url).pathname;

/** A program that is a QEMU of the next release, fetched as a user does it. @throws Error if the network does not have it. */
export function newerQemu(folder: string): string {
  const into = join(folder, 'newer');
  execFileSync(GETS, [into], { stdio: ['ignore', 'ignore', 'inherit'] });
  return join(into, 'qemu');
}
