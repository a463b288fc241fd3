import type { ServerSocket } from '../../stack/tcp/socket.ts';
import type { HttpRequest } from './http-request.ts';
import { expectsContinue, requestIn } from './request.ts';
import { closes, type HttpResponse, partsOf } from './response.ts';

/** Answers one request, now or later. */
export type HttpHandler = (request: HttpRequest, respond: (response: HttpResponse) => void) => void;

/** How the network's own pages respond. */
export interface Reply {
  /** The response, or a function that makes it when the guest may be answered. `lent` says that the body does not change. */
  (response: HttpResponse | (() => HttpResponse), lent?: boolean): void;
  /** Calls `told` if the guest disconnects before it is answered. */
  whenGone(told: () => void): void;
}

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';
const NOTHING = Buffer.alloc(0);
const SMALLEST = 256;

/** Serves a connection: one request after the other, each answered before the next is parsed. */
export function serveHttp(socket: ServerSocket, handler: (request: HttpRequest, reply: Reply) => void): void {
  new Conversation(socket, handler).begin();
}

class Conversation {
  private readonly socket: ServerSocket;
  private readonly handler: (request: HttpRequest, reply: Reply) => void;
  /** Bytes of an incomplete request. */
  private bytes = NOTHING;
  private length = 0;
  /** Number of bytes needed before parsing again is useful. */
  private needs = 0;
  private busy = false;
  private toldToContinue = false;
  private heardAll = false;
  private tellGone: (() => void) | null = null;

  constructor(socket: ServerSocket, handler: (request: HttpRequest, reply: Reply) => void) {
    this.socket = socket;
    this.handler = handler;
  }

  begin(): void {
    this.socket.onClose = () => this.tellGone?.();
    this.socket.onEnd = () => this.finish();
    this.socket.onData = this.hear;
  }

  private readonly hear = (bytes: Uint8Array): void => {
    this.gather(bytes);
    if (this.length < this.needs) return;
    const all = this.bytes.subarray(0, this.length);
    const found = requestIn(all);
    if (typeof found === 'number') this.refuse(found);
    else if ('needs' in found) this.goOn(all, found.needs);
    else {
      this.socket.onData = null;
      this.socket.putBack(all.subarray(found.length));
      this.keep(NOTHING, 0, found.length);
      this.answer(found.request, found.isLast);
    }
  };

  /** The client sends no more, but still gets answers to its requests. */
  private finish(): void {
    this.heardAll = true;
    if (!this.busy) this.socket.end();
  }

  private answer(request: HttpRequest, isLast: boolean): void {
    this.busy = true;
    this.toldToContinue = false;
    let answered = false;
    const reply = (response: HttpResponse | (() => HttpResponse), lent = false) => {
      if (answered) return;
      answered = true;
      this.tellGone = null;
      this.socket.inTurn(() => {
        const given = typeof response === 'function' ? response() : response;
        const { head, body } = partsOf(given, isLast);
        this.say(head, request.method === 'HEAD' ? NOTHING : body, lent);
        this.goOnAfter(isLast || closes(given));
      });
    };
    const whenGone = (told: () => void) => {
      this.tellGone = told;
    };
    this.handler(request, Object.assign(reply, { whenGone }));
  }

  private say(head: Uint8Array, body: Uint8Array, lent: boolean): void {
    if (lent) this.socket.send(head, body);
    else this.socket.send(Buffer.concat([head, body]), NOTHING);
  }

  private goOnAfter(isLast: boolean): void {
    this.socket.keeps(0);
    this.busy = false;
    if (isLast) this.ignoreRest();
    else {
      this.socket.onData = this.hear;
      if (this.heardAll && !this.busy) this.socket.end();
    }
  }

  private goOn(bytes: Buffer, needs: number): void {
    this.needs = needs;
    if (this.toldToContinue || !expectsContinue(bytes)) return;
    this.toldToContinue = true;
    this.socket.write(CONTINUE);
  }

  private refuse(status: number): void {
    const { head } = partsOf({ status }, true);
    this.socket.send(head, NOTHING);
    this.keep(NOTHING, 0, 0);
    this.ignoreRest();
  }

  private ignoreRest(): void {
    this.socket.onData = () => undefined;
    this.socket.end();
  }

  private gather(more: Uint8Array): void {
    const length = this.length + more.length;
    let { bytes } = this;
    if (length > bytes.length) {
      const most = Math.max(length, this.needs);
      bytes = Buffer.alloc(Math.min(most, Math.max(length, SMALLEST, 2 * bytes.length)));
      this.bytes.copy(bytes, 0, 0, this.length);
    }
    bytes.set(more, this.length);
    this.keep(bytes, length, bytes.length);
  }

  /** @param kept bytes of memory to account to the client. */
  private keep(bytes: typeof NOTHING, length: number, kept: number): void {
    this.bytes = bytes;
    this.length = length;
    if (length === 0) this.needs = 0;
    this.socket.keeps(kept);
  }
}
