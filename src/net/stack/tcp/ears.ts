import type { TcpEnd } from './socket.ts';

type Hear<T extends unknown[]> = ((...told: T) => void) | null;

/**
 * Whoever uses a connection, as far as he listens. What came before he did is told when he begins to: bytes, their end, and
 * the end of it all.
 */
export class Ears {
  /** Bytes that nobody took yet. */
  protected unread = 0;
  private readonly pieces: Uint8Array[] = [];
  private heardEnd = false;
  private heardClose: TcpEnd | null = null;
  private hearData: Hear<[Uint8Array]> = null;
  private hearEnd: Hear<[]> = null;
  private hearClose: Hear<[TcpEnd]> = null;
  onOpen: (() => void) | null = null;

  get onData(): Hear<[Uint8Array]> {
    return this.hearData;
  }

  set onData(hear: Hear<[Uint8Array]>) {
    this.hearData = hear;
    const hadUnread = this.unread > 0;
    while (this.hearData !== null && this.pieces.length > 0) {
      const bytes = this.pieces.shift()!;
      this.unread -= bytes.length;
      this.hearData(bytes);
    }
    if (hadUnread && this.unread === 0) this.read();
  }

  get onEnd(): Hear<[]> {
    return this.hearEnd;
  }

  set onEnd(hear: Hear<[]>) {
    this.hearEnd = hear;
    if (this.heardEnd && this.unread === 0) hear?.();
  }

  get onClose(): Hear<[TcpEnd]> {
    return this.hearClose;
  }

  set onClose(hear: Hear<[TcpEnd]>) {
    this.hearClose = hear;
    if (this.heardClose !== null) hear?.(this.heardClose);
  }

  protected tellData(bytes: Uint8Array): void {
    if (this.hearData !== null) this.hearData(bytes);
    else if (bytes.length > 0) {
      this.pieces.push(bytes.slice());
      this.unread += bytes.length;
    }
  }

  protected tellEnd(): void {
    this.heardEnd = true;
    if (this.unread === 0) this.hearEnd?.();
  }

  protected tellClose(why: TcpEnd): void {
    this.heardClose = why;
    this.hearClose?.(why);
  }

  /** All that waited was taken. */
  protected read(): void {
    if (this.heardEnd) this.hearEnd?.();
  }
}
