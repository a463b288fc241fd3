import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { MisuseError } from '../core/misuse.ts';

const REASONS: Readonly<Record<string, string>> = {
  EISDIR: 'is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOSPC: 'no space left',
};
const BUFFERED = 1 << 16;

/** All of a file that the user named; `kind` is what it was to be: `pcap`. */
export function readInput(kind: string, path: string): Buffer {
  return reaching(kind, path, () => readFileSync(path));
}

/** A text file that the user named, written line by line. */
export class LineFile {
  private readonly kind: string;
  private readonly path: string;
  private readonly fd: number;
  private buffered = '';

  /** Empties the file, or makes it. @throws MisuseError if it cannot; so do the others. */
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

/** Runs what reaches the host; what the host refuses is told of the file, in words. */
function reaching<T>(kind: string, path: string, run: () => T, missing = 'no such file'): T {
  try {
    return run();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const absent = code === 'ENOENT' || code === 'ENOTDIR';
    throw new MisuseError(`${kind} ${path}`, path, 'a file', absent ? missing : (REASONS[code] ?? code));
  }
}
