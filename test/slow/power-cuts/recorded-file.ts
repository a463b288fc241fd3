/** A host writes whole pages of a file back, each for itself. */
const PAGE = 4096;

/** A change of a file: bytes from an offset on, or its length. */
type Change =
  | { readonly kind: 'bytes'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'length'; readonly length: number };

/**
 * A host's requests for one file, call by call, and what may be left of it after a loss of power.
 *
 * Data before an fsync is there. Of later data, each page of each call is there or not, independently and in any order: a
 * host promises no more (fsync(2), and write of POSIX).
 */
export class RecordedFile {
  private durable: Uint8Array;
  private readonly pending: Change[] = [];

  constructor(bytes: Uint8Array) {
    this.durable = bytes;
  }

  wrote(offset: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const n = Math.min(PAGE - ((offset + at) % PAGE), bytes.length - at);
      this.pending.push({ kind: 'bytes', offset: offset + at, bytes: bytes.slice(at, at + n) });
      at += n;
    }
  }

  truncated(length: number): void {
    this.pending.push({ kind: 'length', length });
  }

  synced(): void {
    if (this.pending.length > 0) this.durable = applied(this.durable, this.pending);
    this.pending.length = 0;
  }

  /** What is left if nothing reached the disk that was not synced. */
  get synchronized(): Uint8Array {
    return this.durable;
  }

  /** @param random returns whole numbers from 0 to below its argument. */
  afterCut(random: (below: number) => number): Uint8Array {
    // How much of it a host had written differs: nearly nothing, half, nearly all.
    const odds = random(9) + 1;
    const kept = this.pending.filter(() => random(10) < odds);
    for (let i = kept.length - 1; i > 0; i--) {
      const other = random(i + 1);
      [kept[i], kept[other]] = [kept[other]!, kept[i]!];
    }
    return applied(this.durable, kept);
  }
}

function applied(before: Uint8Array, changes: readonly Change[]): Uint8Array {
  let file: Uint8Array = before.slice();
  for (const change of changes)
    if (change.kind === 'length') file = withLength(file, change.length);
    else {
      const { offset, bytes } = change;
      if (offset + bytes.length > file.length) file = withLength(file, offset + bytes.length);
      file.set(bytes, offset);
    }
  return file;
}

function withLength(file: Uint8Array, length: number): Uint8Array {
  const other = new Uint8Array(length);
  other.set(file.subarray(0, length));
  return other;
}
