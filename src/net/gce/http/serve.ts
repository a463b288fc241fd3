import type { TcpSocket } from '../../stack/tcp/socket.ts';
import type { HttpRequest } from './http-request.ts';
import { expectsContinue, requestIn } from './request.ts';
import { type HttpResponse, responseBytes } from './response.ts';

/** Answers one request, now or later. */
export type HttpHandler = (request: HttpRequest, respond: (response: HttpResponse) => void) => void;

/** What may wait while a request is answered: a client that sends on and on is not heard to its end. */
const WAITING_MOST = 4 << 20;
const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/** Serves a connection: one request after the other, each answered before the next is looked at. */
export function serveHttp(socket: TcpSocket, handler: HttpHandler): void {
  const conversation = new Conversation(socket, handler);
  socket.onData = (bytes) => conversation.hear(bytes);
  socket.onEnd = () => conversation.finish();
}

class Conversation {
  private readonly socket: TcpSocket;
  private readonly handler: HttpHandler;
  private pieces: Uint8Array[] = [];
  private waiting = 0;
  private busy = false;
  private toldToContinue = false;
  private heardAll = false;

  constructor(socket: TcpSocket, handler: HttpHandler) {
    this.socket = socket;
    this.handler = handler;
  }

  hear(bytes: Uint8Array): void {
    this.pieces.push(bytes.slice());
    this.waiting += bytes.length;
    if (this.waiting > WAITING_MOST) this.socket.abort();
    else this.next();
  }

  /** The client sends no more: what it asked for it is still given. */
  finish(): void {
    this.heardAll = true;
    if (!this.busy) this.socket.end();
  }

  private next(): void {
    if (this.busy || this.waiting === 0) return;
    const bytes = Buffer.concat(this.pieces);
    this.pieces = [bytes];
    const found = requestIn(bytes);
    if (found === null) this.goOn(bytes);
    else if (typeof found === 'number') this.refuse(found);
    else {
      this.keep(bytes.subarray(found.length));
      this.answer(found.request, found.isLast);
    }
  }

  private answer(request: HttpRequest, isLast: boolean): void {
    this.busy = true;
    this.toldToContinue = false;
    let answered = false;
    this.handler(request, (response) => {
      if (answered) return;
      answered = true;
      this.socket.write(responseBytes(response, isLast, request.method === 'HEAD'));
      if (isLast) {
        this.socket.end();
        return;
      }
      this.busy = false;
      this.next();
      if (this.heardAll && !this.busy) this.socket.end();
    });
  }

  private goOn(bytes: Buffer): void {
    if (this.toldToContinue || !expectsContinue(bytes)) return;
    this.toldToContinue = true;
    this.socket.write(CONTINUE);
  }

  private refuse(status: number): void {
    this.keep(new Uint8Array(0));
    this.busy = true;
    this.socket.write(responseBytes({ status }, true, false));
    this.socket.end();
  }

  private keep(rest: Uint8Array): void {
    this.pieces = rest.length === 0 ? [] : [rest];
    this.waiting = rest.length;
  }
}
