import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { MisuseError } from '../core/misuse.ts';

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOSPC: 'no space left',
};
const BUFFERED = 1 << 16;

/** All of a file that the user named. `kind` says in messages what it should be, as `pcap`. */
export function readInput(kind: string, path: string): Buffer {
  return reaching(kind, path, () => readFileSync(path));
}

/** A text file that the user named, written line by line. */
export class LineFile {
  private readonly kind: string;
  private readonly path: string;
  private readonly fd: number;
  private buffered = '';

  /** Empties or creates the file. @throws MisuseError if it cannot; the other methods too. */
  constructor(kind: string, path: string) {
    this.kind = kind;
    this.path = path;
    this.fd = reaching(kind, path, () => openSync(path, 'w'), 'no such directory');
  }

  line(text: string): void {
    this.buffered += `${text}\n`;
    if (this.buffered.length >= BUFFERED) this.flush();
  }

  close(): void {
    try {
      this.flush();
    } finally {
      closeSync(this.fd);
    }
  }

  private flush(): void {
    const text = this.buffered;
    this.buffered = '';
    reaching(this.kind, this.path, () => writeFileSync(this.fd, text));
  }
}

/** A file of bytes that the user named, written block by block. */
export class BlockFile {
  private readonly kind: string;
  private readonly path: string;
  private readonly fd: number;

  /** Empties the file, or makes it. @throws MisuseError if it cannot; so do the others. */
  constructor(kind: string, path: string) {
    this.kind = kind;
    this.path = path;
    this.fd = reaching(kind, path, () => openSync(path, 'w'), 'no such directory');
  }

  write(block: Uint8Array): void {
    reaching(this.kind, this.path, () => writeFileSync(this.fd, block));
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** Runs what reaches the host's files; what the host refuses becomes a MisuseError that names the file. */
function reaching<T>(kind: string, path: string, run: () => T, missing = 'no such file'): T {
  try {
    return run();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const absent = code === 'ENOENT' || code === 'ENOTDIR';
    throw new MisuseError(`${kind} ${path}`, path, 'a file', absent ? missing : (REASONS[code] ?? code));
  }
}
