import type { ServerSocket } from '../../stack/tcp/socket.ts';
import type { HttpRequest } from './response.ts';
import { closes, type HttpResponse, partsOf } from './response.ts';

/** The first request in some bytes. */
interface FoundRequest {
  readonly request: HttpRequest;
  /** Its length in bytes. */
  readonly length: number;
  /** The client does not send another. */
  readonly isLast: boolean;
}

/** The request is incomplete: at least so many bytes are needed. */
interface Unfinished {
  readonly needs: number;
}

/** Limits for a legitimate request. */
const HEAD_MOST = 64 << 10;
const BODY_MOST = 1 << 20;
/** Of a head that is long all the same: fields, and characters of what is asked for. Kept in pieces both take many times their length. */
const FIELDS_MOST = 256;
const TARGET_MOST = 8192;
const HEAD_END = Buffer.from('\r\n\r\n');
const SIZE = /^\d{1,9}$/;

/** Whether the client waits for 100 Continue before it sends the body (RFC 9110, 10.1.1). */
function expectsContinue(bytes: Buffer): boolean {
  const end = bytes.indexOf(HEAD_END);
  return end >= 0 && /^expect:[ \t]*100-continue[ \t]*$/im.test(bytes.toString('latin1', 0, end));
}

/** The first request; a status code if it is invalid. */
function requestIn(bytes: Buffer): FoundRequest | Unfinished | number {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return bytes.length > HEAD_MOST ? 431 : { needs: bytes.length + 1 };
  const [first = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const start = /^([!-~]+) ([!-~]+) HTTP\/1\.([01])$/.exec(first);
  if (lines.length > FIELDS_MOST) return 431;
  if (start !== null && start[2]!.length > TARGET_MOST) return 414;
  const headers = headersOf(lines);
  if (start === null || headers === null) return 400;
  if (headers.has('transfer-encoding')) return 411;
  const size = headers.get('content-length') ?? '0';
  if (!SIZE.test(size)) return 400;
  if (Number(size) > BODY_MOST) return 413;
  const length = end + HEAD_END.length + Number(size);
  if (length > bytes.length) return { needs: length };
  const [, method, target, minor] = start as unknown as [string, string, string, string];
  const connection = headers.get('connection')?.toLowerCase();
  return {
    request: {
      method,
      ...placeOf(target),
      headers,
      body: new Uint8Array(bytes.subarray(length - Number(size), length)),
    },
    length,
    isLast: connection === 'close' || (minor === '0' && connection !== 'keep-alive'),
  };
}

/** The path of a path or of a whole URL, as sent to a proxy. */
function placeOf(target: string): Pick<HttpRequest, 'path' | 'query'> {
  const rest = target.replace(/^http:\/\/[^/?]*/i, '');
  const at = rest.indexOf('?');
  const path = at < 0 ? rest : rest.slice(0, at);
  return { path: path === '' ? '/' : path, query: new URLSearchParams(at < 0 ? '' : rest.slice(at + 1)) };
}

function headersOf(lines: readonly string[]): ReadonlyMap<string, string> | null {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = /^([!-9;-~]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (match === null) return null;
    headers.set(match[1]!.toLowerCase(), match[2]!);
  }
  return headers;
}

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
