import { PIECE } from './account.ts';
import type { TcpEnd } from './socket.ts';

type Hear<T extends unknown[]> = ((...told: T) => void) | null;

/**
 * Delivers a connection's data and events to its user. Those that came before the user set a callback are delivered then:
 * bytes, their end, and the close. While the peer does not take its answers, no data is delivered.
 */
export abstract class Delivery {
  /** Bytes not read yet. */
  protected unread = 0;
  private readonly pieces: Uint8Array[] = [];
  /** Bytes that the listener keeps of what it was given. */
  private held = 0;
  private heardEnd = false;
  private heardClose: TcpEnd | null = null;
  private hearData: Hear<[Uint8Array]> = null;
  private hearEnd: Hear<[]> = null;
  private hearClose: Hear<[TcpEnd]> = null;
  private turn: (() => void) | null = null;
  /** A callback runs right now: further deliveries come after it. */
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

  /** Data delivered but not used is delivered again, before all that waits. */
  putBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.pieces.unshift(new Uint8Array(bytes));
    this.unread += bytes.length;
  }

  inTurn(act: () => void): void {
    this.turn = act;
    this.tellWaiting();
  }

  /** Memory used, in bytes. */
  protected get kept(): number {
    return this.unread + PIECE * this.pieces.length + this.held;
  }

  /** Whether data may be delivered: answers to it may be sent. */
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

  /** Delivers what waits, while there is a listener and delivery is allowed. */
  protected tellWaiting(): void {
    if (this.telling) return;
    const hadUnread = this.unread > 0;
    while (this.waits && this.mayTell()) this.tellNext();
    if (hadUnread && this.unread === 0) this.read();
  }

  /** All waiting data was read. */
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
