import { PIECE } from './account.ts';
import type { TcpEnd } from './socket.ts';

type Hear<T extends unknown[]> = ((...told: T) => void) | null;

/**
 * Whoever uses a connection, as far as he listens. What came before he did is told when he begins to: bytes, their end, and
 * the end of it all. While the peer does not take what it is answered with, nothing is told.
 */
export abstract class Ears {
  /** Bytes that nobody took yet. */
  protected unread = 0;
  private readonly pieces: Uint8Array[] = [];
  /** What the listener keeps of what it was told. */
  private held = 0;
  private heardEnd = false;
  private heardClose: TcpEnd | null = null;
  private hearData: Hear<[Uint8Array]> = null;
  private hearEnd: Hear<[]> = null;
  private hearClose: Hear<[TcpEnd]> = null;
  private turn: (() => void) | null = null;
  /** Somebody is told right now: what is to be told comes after it. */
  private telling = false;
  onOpen: (() => void) | null = null;
  onDrain: (() => void) | null = null;

  get onData(): Hear<[Uint8Array]> {
    return this.hearData;
  }

  set onData(hear: Hear<[Uint8Array]>) {
    this.hearData = hear;
    this.tellWaiting();
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

  keeps(count: number): void {
    this.held = count;
  }

  /** What was told and not used comes again, before all that waits. */
  putBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.pieces.unshift(new Uint8Array(bytes));
    this.unread += bytes.length;
  }

  inTurn(act: () => void): void {
    this.turn = act;
    this.tellWaiting();
  }

  /** Bytes of memory that all of it takes. */
  protected get kept(): number {
    return this.unread + PIECE * this.pieces.length + this.held;
  }

  /** Whether somebody may be told: it may be answered. */
  protected abstract mayTell(): boolean;

  protected tellData(bytes: Uint8Array): void {
    const isFirst = this.pieces.length === 0 && this.turn === null && !this.telling;
    if (this.hearData !== null && isFirst && this.mayTell()) this.tell(this.hearData, bytes);
    else if (bytes.length > 0) {
      this.pieces.push(new Uint8Array(bytes));
      this.unread += bytes.length;
    }
    if (this.pieces.length > 0) this.tellWaiting();
  }

  protected tellEnd(): void {
    this.heardEnd = true;
    if (this.unread === 0) this.hearEnd?.();
  }

  protected tellClose(why: TcpEnd): void {
    this.heardClose = why;
    this.hearClose?.(why);
  }

  /** Tells what waits, for as long as somebody listens and may be told. */
  protected tellWaiting(): void {
    if (this.telling) return;
    const hadUnread = this.unread > 0;
    while (this.waits && this.mayTell()) this.tellNext();
    if (hadUnread && this.unread === 0) this.read();
  }

  /** All that waited was taken. */
  protected read(): void {
    if (this.heardEnd) this.hearEnd?.();
  }

  private get waits(): boolean {
    return this.turn !== null || (this.hearData !== null && this.pieces.length > 0);
  }

  private tellNext(): void {
    const { turn } = this;
    this.turn = null;
    if (turn !== null) {
      this.tell(turn, NOTHING);
      return;
    }
    const bytes = this.pieces.shift()!;
    this.unread -= bytes.length;
    this.tell(this.hearData!, bytes);
  }

  private tell(hear: (bytes: Uint8Array) => void, bytes: Uint8Array): void {
    this.telling = true;
    try {
      hear(bytes);
    } finally {
      this.telling = false;
    }
  }
}

const NOTHING = new Uint8Array(0);
