import { closeSync } from 'node:fs';
import { MisuseError } from '../../../core/misuse.ts';
import type { Libc } from '../../system/libc.ts';
import { Exchange } from '../commands/exchange.ts';
import { header } from '../commands/registers.ts';
import { FDS_MAX } from '../commands/version.ts';
import { Connection } from './socket.ts';

/** Messages that are answered before the process does other work. */
const BURST = 64;

interface Answerer {
  /** @returns the length of the reply. */
  answer(exchange: Exchange): number;
}

/** What a session needs of its host. */
export interface SessionHost {
  /** A command is about to be executed. */
  begins(): void;
  /** It was executed, and is answered. */
  done(): void;
  /** The client answered the message `id` from here. */
  answered(id: number): void;
  /** The client is gone; or `error` ended it. */
  ended(error?: unknown): void;
}

/** One client's commands, each answered before the next is read. */
export class Session {
  private readonly server: Answerer;
  private readonly host: SessionHost;
  private readonly connection: Connection;
  private readonly exchange = new Exchange();
  /** Bytes of the present message that have arrived. */
  private here = 0;

  constructor(libc: Libc, fd: number, server: Answerer, host: SessionHost) {
    this.server = server;
    this.host = host;
    this.connection = new Connection(libc, fd, this.exchange.message, FDS_MAX, () => this.ready());
  }

  /** @throws MisuseError for a client that does not read. */
  send(bytes: Uint8Array, length: number): void {
    if (!this.connection.send(bytes, length))
      throw new MisuseError('vfio-user client', length, 'a client that reads what it is sent');
  }

  close(): void {
    this.connection.close();
    this.closeFiles();
  }

  private ready(): void {
    try {
      for (let i = 0; i < BURST && this.step(); i++);
    } catch (error) {
      this.host.ended(error);
    }
  }

  /**
   * Reads a header, or a payload, but never both at once: files come with the first byte of their message.
   *
   * @returns false if there is nothing more to read.
   */
  private step(): boolean {
    const { exchange, here, host } = this;
    const wanted = here < header.size ? header.size : exchange.size;
    const received = this.connection.receive(here, wanted - here, exchange.fds);
    if (received === 'gone') host.ended();
    if (typeof received === 'string') return false;
    this.here += received;
    if (this.here < header.size) return true;
    if (here < header.size) exchange.checkHeader();
    if (this.here < exchange.size) return true;
    this.here = 0;
    this.carryOut();
    return true;
  }

  private carryOut(): void {
    const { exchange, host } = this;
    host.begins();
    if (exchange.isReply) host.answered(exchange.id);
    else {
      const length = this.server.answer(exchange);
      this.closeFiles();
      if (exchange.wantsReply) this.send(exchange.reply, length);
    }
    host.done();
  }

  private closeFiles(): void {
    for (const fd of this.exchange.fds.splice(0)) closeSync(fd);
  }
}
