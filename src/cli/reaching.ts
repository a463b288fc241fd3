import { MisuseError } from '../core/misuse.ts';
import { refusalOf } from '../media/file-refusal.ts';

/** What a shell takes as it is. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** What is wrong with a file that the user named. `kind` says what it should be, as `pcap`. */
export function wrongFile(kind: string, path: string, plain: string): MisuseError {
  return new MisuseError(`${kind} ${path}`, path, 'a file', plain);
}

/** Runs what reaches the host's files; what the host refuses becomes a MisuseError that names the file. */
export function reaching<T>(kind: string, path: string, run: () => T, missing?: string): T {
  try {
    return run();
  } catch (error) {
    // Ours, or a mistake of ours.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    const refusal = refusalOf(error);
    throw wrongFile(kind, path, refusal === 'no such file' ? (missing ?? refusal) : refusal);
  }
}

/** Runs what reads in a file; what is wrong there is told of that file: `pcap one.pcap: capture at byte 0: …`. */
export function inside<T>(kind: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof MisuseError ? wrongFile(kind, path, error.message) : error;
  }
}

/** A command with the user's file in place of FILE, as a shell takes it. */
export function withFile(command: string, path: string): string {
  const quoted = PLAIN.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  return command.replace(/\bFILE\b/, () => quoted);
}
