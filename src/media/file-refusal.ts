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
