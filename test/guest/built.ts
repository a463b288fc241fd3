import { execFileSync } from 'node:child_process';

/** The folder that a script of `test/guests` makes, unless it is made already. A test file that asks for it meanwhile waits. */
export function built(script: string): string {
  const path = `test/guests/${script}`;
  const said = execFileSync('flock', [path, path], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return said.trim().split('\n').at(-1)!;
}
