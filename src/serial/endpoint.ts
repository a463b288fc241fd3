import { checkMethods } from '../core/checks.ts';
import { MisuseError } from '../core/misuse.ts';

/** The other end of the line. */
export interface SerialEndpoint {
  /** A byte of the guest has arrived, after its character time. */
  receive(byte: number): void;
  /** The guest starts or ends a break. Bytes sent meanwhile do not arrive. */
  breaks?(on: boolean): void;
}

/** A serial port as seen from the other end of its line. */
export interface SerialPeer {
  readonly name: string;
  /** Sends; text goes as UTF-8. */
  type(bytes: Uint8Array | string): void;
  /** Adds a listener for what the guest sends. @returns a function that removes it. */
  listen(endpoint: SerialEndpoint): () => void;
}

export function checkPeer(path: string, port: SerialPeer): void {
  checkMethods(path, port, ['type', 'listen'], 'a serial port (example machine.serial[0])');
}

/** Default number of bytes kept. */
export const KEPT_BYTES = 1 << 20;
const FIRST_CAPACITY = 1024;
/** UTF-8: bytes that do not begin a character, and how many of them one has at most. */
const CONTINUES = 0x80;
const CONTINUED_MAX = 3;

/**
 * Keeps the last bytes that the guest sent, limited so that endless output fills no memory.
 *
 * @example
 * const screen = new SerialText();
 * machine.serial[0]!.listen(screen);
 * // … the guest boots …
 * screen.text;        // 'Linux version 6.12 …'
 * screen.clear();
 */
export class SerialText implements SerialEndpoint {
  /** How many bytes came since the start or `clear`. */
  total = 0;
  private kept = new Uint8Array(FIRST_CAPACITY);
  private count = 0;
  private readonly keep: number;

  /**
   * @param keep how many of the last bytes. Default 1 MiB.
   * @throws MisuseError for an invalid number.
   */
  constructor(keep: number = KEPT_BYTES) {
    if (!Number.isInteger(keep) || keep < 0) throw new MisuseError('keep', keep, 'a number of bytes');
    this.keep = keep;
  }

  receive(byte: number): void {
    if (this.count === this.kept.length) this.makeRoom();
    this.kept[this.count++] = byte;
    this.total++;
  }

  /** A copy of the kept bytes since the start or `clear`. */
  get bytes(): Uint8Array {
    return this.kept.slice(this.begin, this.count);
  }

  /** The bytes as UTF-8; invalid ones show as U+FFFD. If some are lost, from the first whole character on. */
  get text(): string {
    const { kept, count, begin } = this;
    let from = begin;
    const whole = this.total > count - begin ? Math.min(count, begin + CONTINUED_MAX) : begin;
    while (from < whole && (kept[from]! & 0xc0) === CONTINUES) from++;
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(kept.subarray(from, count));
  }

  clear(): void {
    this.count = this.total = 0;
  }

  private get begin(): number {
    return Math.max(0, this.count - this.keep);
  }

  /** Up to twice what is kept, so that bytes are moved once per as many received. */
  private makeRoom(): void {
    const { kept, begin } = this;
    const room = Math.min(2 * kept.length, 2 * this.keep);
    if (room > kept.length) {
      this.kept = new Uint8Array(room);
      this.kept.set(kept);
      return;
    }
    kept.copyWithin(0, begin, this.count);
    this.count -= begin;
  }
}
