import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { pid } from 'node:process';
import { reaching } from '../media/file-errors.ts';

const BUFFERED = 1 << 16;

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
    this.fd = openOutput(kind, path);
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

  /** Empties or creates the file. @throws MisuseError if it cannot; so do the others. */
  constructor(kind: string, path: string) {
    this.kind = kind;
    this.path = path;
    this.fd = openOutput(kind, path);
  }

  write(block: Uint8Array): void {
    reaching(this.kind, this.path, () => writeFileSync(this.fd, block));
  }

  close(): void {
    closeSync(this.fd);
  }
}

/**
 * Writes a whole text file that the user named. The old contents stay until all of the new text is written: they may be
 * the only copy of a person's work. A file that is not regular, or in a folder that takes no other file, is written in
 * place.
 */
export function replaceFile(kind: string, path: string, text: string): void {
  if (writtenBeside(path, text)) return;
  const file = new LineFile(kind, path);
  file.line(text);
  file.close();
}

/** @returns false if that is not possible; the file is then unchanged. */
function writtenBeside(path: string, text: string): boolean {
  let beside: string | null = null;
  try {
    const target = realpathSync(path);
    const stat = statSync(target);
    if (!stat.isFile()) return false;
    beside = `${target}.${pid}.new`;
    const fd = openSync(beside, 'wx', stat.mode);
    try {
      writeFileSync(fd, `${text}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, target);
    return true;
  } catch {
    if (beside !== null) rmSync(beside, { force: true });
    return false;
  }
}

/** Empties or creates a file. A pipe without a reader is refused, and not waited for. */
function openOutput(kind: string, path: string): number {
  const { O_WRONLY, O_CREAT, O_NONBLOCK, O_NOCTTY } = constants;
  return reaching(
    kind,
    path,
    () => {
      // Open meanwhile, so that a reader does not take the end of this text for the end of file.
      const asked = openSync(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY);
      try {
        return openSync(path, 'w');
      } finally {
        closeSync(asked);
      }
    },
    'no such directory',
  );
}
