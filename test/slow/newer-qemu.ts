import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const GETS = new URL('../../examples/qemu/gets-qemu.sh', import.meta.url).pathname;
const FOLDER = new URL('../../.cache/newer-qemu', import.meta.url).pathname;
const QEMU = join(FOLDER, 'qemu');

/**
 * A program that is a QEMU of the next release, fetched once, as a user does it: it is there when it is whole. Two test files may ask
 * at the same time. @throws Error if the network does not have it.
 */
export function newerQemu(): string {
  mkdirSync(FOLDER, { recursive: true });
  const argv = [FOLDER, 'sh', '-c', '[ -x "$0" ] || exec "$1" "$2"', QEMU, GETS, FOLDER];
  execFileSync('flock', argv, { stdio: ['ignore', 'ignore', 'inherit'] });
  return QEMU;
}
