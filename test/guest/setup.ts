import { execFileSync } from 'node:child_process';
import type { TestProject } from 'vitest/node';

/** Builds the guest, unless it is built already. */
export default function setup({ provide }: TestProject): void {
  const built = execFileSync('test/guests/linux/build.sh', {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  provide('guest', built.trim().split('\n').at(-1)!);
}
