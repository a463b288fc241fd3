import type { ProbeTask } from '../guest/index.ts';
import { BLOCK, type Medium } from '../media/medium.ts';
import type { Io } from './io.ts';

const MIB = 1 << 20;
const GIB = 2 ** 30;
/** Milliseconds between two updates. */
const PAUSE = 200;
/** Characters of a bar. */
const BAR = 20;

/** Shows how much of something was read, not more often than a person can see. */
export class Progress {
  private readonly show: (text: string) => void;
  private due: number;

  constructor(show: (text: string) => void) {
    this.show = show;
    this.due = performance.now() + PAUSE;
  }

  tell(name: string, done: number, all: number): void {
    const now = performance.now();
    if (now < this.due) return;
    this.due = now + PAUSE;
    const filled = Math.min(BAR, Math.floor((BAR * done) / Math.max(all, 1)));
    const bar = `[${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}]`;
    this.show(`disk ${name}: ${bar} ${inMib(done)} of ${inMib(all)} MiB read`);
  }
}

/** A disk that shows how much of it was read. A probe reads it twice: as a guest, and to check the guest. */
export class ShownMedium implements Medium {
  readonly blocks: number;
  readonly readOnly: boolean;
  private readonly name: string;
  private readonly medium: Medium;
  private readonly progress: Progress;
  private done = 0;

  constructor(name: string, medium: Medium, show: (text: string) => void) {
    this.name = name;
    this.medium = medium;
    this.blocks = medium.blocks;
    this.readOnly = medium.readOnly;
    this.progress = new Progress(show);
  }

  read(offset: number, into: Uint8Array, at: number, length: number): boolean {
    this.done += length;
    this.progress.tell(this.name, this.done, 2 * this.blocks * BLOCK);
    return this.medium.read(offset, into, at, length);
  }

  write(offset: number, from: Uint8Array, at: number, length: number): boolean {
    return this.medium.write(offset, from, at, length);
  }

  unmap(offset: number, length: number): boolean {
    return this.medium.unmap(offset, length);
  }

  flush(): boolean {
    return this.medium.flush();
  }

  close(): void {
    this.medium.close();
  }
}

/** Printed before a probe reads for more than a few seconds: a pipe shows no progress. */
export function tellLength(
  disks: readonly { readonly medium: Medium }[],
  { wholeDisks = true }: ProbeTask,
  { err }: Io,
): void {
  const gib = Math.floor(disks.reduce((sum, { medium }) => sum + medium.blocks * BLOCK, 0) / GIB);
  if (wholeDisks && gib > 0)
    err(`guestrig: ${gib} GiB of disks are read twice, some seconds for each; --no-hash leaves that out\n`);
}

function inMib(bytes: number): number {
  return Math.ceil(bytes / MIB);
}
