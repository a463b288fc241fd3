import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { reaching } from './reaching.ts';

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

  /** Empties the file, or makes it. @throws MisuseError if it cannot; so do the others. */
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

/** Empties or creates a file. A pipe that nobody reads is refused, and not waited for. */
function openOutput(kind: string, path: string): number {
  const { O_WRONLY, O_CREAT, O_NONBLOCK, O_NOCTTY } = constants;
  return reaching(
    kind,
    path,
    () => {
      // Open meanwhile, so that a reader does not take the end of this for the end of all.
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
