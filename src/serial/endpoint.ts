/** What is at the other end of the line. */
export interface SerialEndpoint {
  /** A byte of the guest has arrived, its character time passed. */
  receive(byte: number): void;
}

const FIRST_CAPACITY = 1024;

/**
 * Keeps what the guest sent.
 *
 * @example
 * const screen = new SerialText();
 * const com1 = new Uart16550('ttyS0', board, irq4, screen);
 * // … the guest boots …
 * screen.text;        // 'Linux version 6.12 …'
 * screen.clear();
 */
export class SerialText implements SerialEndpoint {
  private kept = new Uint8Array(FIRST_CAPACITY);
  private count = 0;

  receive(byte: number): void {
    if (this.count === this.kept.length) this.grow();
    this.kept[this.count++] = byte;
  }

  /** A copy of all bytes since the start or `clear`. */
  get bytes(): Uint8Array {
    return this.kept.slice(0, this.count);
  }

  /** The bytes as UTF-8; what is none shows as U+FFFD. */
  get text(): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.kept.subarray(0, this.count));
  }

  clear(): void {
    this.count = 0;
  }

  private grow(): void {
    const larger = new Uint8Array(this.kept.length * 2);
    larger.set(this.kept);
    this.kept = larger;
  }
}
