const ADDRESS = 6;

/** A table of any number of unicast or multicast addresses. */
export class AddressTable {
  private bytes: Uint8Array = new Uint8Array(0);
  /** The last three bytes of each: a quick check that rejects most other frames. */
  private readonly tails = new Set<number>();

  /** @param bytes six for each address. */
  set(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.tails.clear();
    for (let at = 0; at < bytes.length; at += ADDRESS) this.tails.add(tailOf(bytes, at));
  }

  /** Whether the address that `frame` begins with is one of them. */
  has(frame: Uint8Array): boolean {
    if (!this.tails.has(tailOf(frame, 0))) return false;
    for (let at = 0; at < this.bytes.length; at += ADDRESS) if (this.isAt(at, frame)) return true;
    return false;
  }

  private isAt(at: number, frame: Uint8Array): boolean {
    for (let i = 0; i < ADDRESS; i++) if (this.bytes[at + i] !== frame[i]) return false;
    return true;
  }
}

function tailOf(bytes: Uint8Array, at: number): number {
  return (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
}
