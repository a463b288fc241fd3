import { checkMethods } from '../core/checks.ts';

/** What is at the other end of the line. */
export interface SerialEndpoint {
  /** A byte of the guest has arrived, its character time passed. */
  receive(byte: number): void;
  /** The guest holds the line at space, or lets go of it. What it sends meanwhile does not arrive. */
  breaks?(on: boolean): void;
}

/** A serial port as seen from the other end of its line. */
export interface SerialPeer {
  readonly name: string;
  /** Sends; text goes as UTF-8. */
  type(bytes: Uint8Array | string): void;
  /** Listens to what the guest sends, beside who listens already. @returns what ends it. */
  listen(endpoint: SerialEndpoint): () => void;
}

export function checkPeer(path: string, port: SerialPeer): void {
  checkMethods(path, port, ['type', 'listen'], 'a serial port (example machine.serial[0])');
}

const FIRST_CAPACITY = 1024;

/**
 * Keeps what the guest sent.
 *
 * @example
 * const screen = new SerialText();
 * machine.serial[0]!.listen(screen);
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
