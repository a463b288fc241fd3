import { MisuseError } from '../core/misuse.ts';

/** Messages for file errors, by error code. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'is in a read-only file system',
  ELOOP: 'leads through too many symbolic links',
  ENAMETOOLONG: 'is too long a name',
  // A name with a zero byte never reaches the host.
  ERR_INVALID_ARG_VALUE: 'is no name of a file',
  ENXIO: 'is a socket, or a pipe without a process at its other end',
  ENOSPC: 'no space left',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
};

/** A host's error about a file, in words: `no such file`. */
export function refusalOf(error: unknown): string {
  const code = String((error as NodeJS.ErrnoException).code);
  return REASONS[code] ?? `the host says ${code}`;
}

/** Characters that a shell takes literally. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** An error of a file that the user named. `kind` is its purpose, as `pcap`. */
export function wrongFile(kind: string, path: string, plain: string): MisuseError {
  return new MisuseError(`${kind} ${path}`, path, 'a file', plain);
}

/** Runs code that uses the host's files; a refusal of the host becomes a MisuseError that names the file. */
export function reaching<T>(kind: string, path: string, run: () => T, missing?: string): T {
  try {
    return run();
  } catch (error) {
    // Our own error, or a bug of ours.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    const refusal = refusalOf(error);
    throw wrongFile(kind, path, refusal === 'no such file' ? (missing ?? refusal) : refusal);
  }
}

/** Runs code that reads a file; its errors name the file: `pcap one.pcap: capture at byte 0: …`. */
export function inside<T>(kind: string, path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof MisuseError ? wrongFile(kind, path, error.message) : error;
  }
}

/** A command with the user's file in place of FILE, as a shell takes it. */
export function withFile(command: string, path: string): string {
  return command.replace(/\bFILE\b/, () => quoted(path));
}

/** As a shell takes it: quoted where a character means more than itself. */
export function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
