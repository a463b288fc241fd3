import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../../src/machine/machine.ts';

const BUILD = new URL('build.sh', import.meta.url).pathname;

/** The guest's output when all of it works. */
export const SAYS = '64 bits\nfive ticks\ntype\nheard x\nrandom bytes\noff\n';
/** The options of its machine. */
export const NEEDS = { virtio: 'modern', rng: true } as const;

/** Builds the guest into a folder. @returns its file. */
export function guest64(folder: string): string {
  const file = join(folder, 'guest64');
  execFileSync(BUILD, [file], { stdio: ['ignore', 'inherit', 'inherit'] });
  return file;
}

export function guest64Bytes(folder: string): Uint8Array {
  return readFileSync(guest64(folder));
}

/** Types the awaited key. */
export function answer(machine: Machine): void {
  const { events, serial } = machine;
  events.on('serial', (port) => {
    if (port === 'ttyS0' && serial[0]!.text.endsWith('type\n')) serial[0]!.type('x');
  });
}
