import { execFileSync } from 'node:child_process';

/** The folder that a script of `test/guests` builds, unless it exists already. */
export function built(script: string): string {
  const said = execFileSync(`test/guests/${script}`, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return said.trim().split('\n').at(-1)!;
}
