/** Bytes that are to be sent, counted from the first that there ever was; those that came over are let go. */
export class Outgoing {
  /** How many there were in all, and how many are let go. */
  end = 0;
  begin = 0;
  private readonly pieces: Uint8Array[] = [];
  /** Where the first piece begins. */
  private base = 0;

  /** Keeps them as they are: they are the caller's no more. */
  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.pieces.push(bytes);
    this.end += bytes.length;
  }

  /** Lets go of what is before `begin`. */
  release(begin: number): void {
    this.begin = begin;
    while (this.pieces.length > 0 && this.base + this.pieces[0]!.length <= begin)
      this.base += this.pieces.shift()!.length;
  }

  /** Copies `into.length` bytes from `from` on, which are there. */
  copy(from: number, into: Uint8Array): void {
    let [at, base] = [0, this.base];
    for (const piece of this.pieces) {
      if (at === into.length) return;
      const start = from + at - base;
      if (start < piece.length) {
        const part = piece.subarray(start, start + into.length - at);
        into.set(part, at);
        at += part.length;
      }
      base += piece.length;
    }
  }
}
