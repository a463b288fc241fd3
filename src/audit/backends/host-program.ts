import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { MisuseError } from '../../core/misuse.ts';

/**
 * Sends `bytes` through a program of the host.
 *
 * @param sink takes the output, piece by piece; if it throws, the program is ended.
 * @param missing what to do about it if the host does not have the program.
 * @throws MisuseError if the program is missing, Error with its own message if it fails.
 */
export async function throughProgram(
  what: string,
  [program, ...argv]: readonly [string, ...string[]],
  missing: string,
  bytes: Uint8Array,
  sink: (piece: Uint8Array) => void,
): Promise<void> {
  const child = spawn(program, argv, { stdio: 'pipe' });
  const started = once(child, 'spawn');
  const ended = once(child, 'close');
  ended.catch(() => {});
  try {
    await started;
  } catch {
    throw new MisuseError(what, program, '', missing);
  }
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // A program that stops early reads no more: its status says so.
  child.stdin.on('error', () => {}).end(bytes);
  try {
    for await (const piece of child.stdout) sink(piece);
    const [status] = await ended;
    if (status !== 0) throw new Error(firstLine(said, program) || `${program} ended with ${status}`);
  } finally {
    child.kill();
  }
}

/** Without the program's own name, and that of its input. */
function firstLine(said: string, program: string): string {
  const [line = ''] = said.trim().split('\n');
  return line.replace(new RegExp(`^${program}: *`), '').replace(/^\(?(stdin|\/\*stdin\*\\)\)? *: */, '');
}
