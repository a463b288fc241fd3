import { spawn } from 'node:child_process';

/** A program's output; if it fails, its output is the error. */
export function run(cwd: string, program: string, ...argv: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, argv, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, all]: [string[], string[]] = [[], []];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out.push(text);
      all.push(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => all.push(text));
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(out.join(''));
      else reject(new Error(`${program} ${argv.join(' ')} ended with ${status}\n${all.join('')}`));
    });
  });
}
