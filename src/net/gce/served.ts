import { checkFunction, checkWhole } from '../../core/checks.ts';
import { MisuseError } from '../../core/misuse.ts';
import { type SocketAddress, socketAddress } from '../stack/endpoint.ts';
import type { ServerSocket, TcpSocket } from '../stack/tcp/socket.ts';
import type { Message } from '../stack/udp.ts';
import type { HttpRequest } from './http/response.ts';
import { type HttpHandler, type Reply, serveHttp } from './http/serve.ts';

/** A UDP message from the guest. */
export interface UdpMessage {
  readonly from: SocketAddress;
  readonly to: SocketAddress;
  /** Valid only during the call. */
  readonly bytes: Uint8Array;
}

/** Answers a message, now or later, any number of times; answers come from the address that the guest sent to. */
export type UdpHandler = (message: UdpMessage, reply: (bytes: Uint8Array) => void) => void;
/** Accepts a connection from the guest: sets its callbacks, and may write at once. */
export type TcpHandler = (socket: TcpSocket) => void;

export const HTTP = 80;

/** The handlers that a test registers for its guest. */
export class Served {
  private readonly tcpHandlers = new Map<number, TcpHandler>();
  private readonly udpHandlers = new Map<number, UdpHandler>();
  private readonly pages = new Map<string, Uint8Array | HttpHandler>();

  tcp(port: number, handler: TcpHandler): void {
    checkFunction('tcp.handler', handler);
    this.tcpHandlers.set(checkedPort('tcp', port), handler);
  }

  udp(port: number, handler: UdpHandler): void {
    checkFunction('udp.handler', handler);
    this.udpHandlers.set(checkedPort('udp', port), handler);
  }

  http(path: string, page: Uint8Array | string | HttpHandler): void {
    if (typeof path !== 'string' || !/^\/[!->@-~]*$/.test(path))
      throw new MisuseError('http.path', path, 'a path (example /ignition)');
    if (!(typeof page === 'function' || typeof page === 'string' || page instanceof Uint8Array))
      throw new MisuseError('http.page', page, 'a Uint8Array, a string or a function');
    this.pages.set(path, typeof page === 'string' ? Buffer.from(page) : page);
  }

  /** The handler of connections to `port`; null for none. */
  listener(port: number): ((socket: ServerSocket) => void) | null {
    const handler = this.tcpHandlers.get(port);
    if (handler !== undefined) return handler;
    return port === HTTP && this.pages.size > 0 ? (socket) => serveHttp(socket, this.page) : null;
  }

  /** @returns whether a handler receives messages to such a port. */
  hear({ from, to, bytes }: Message, reply: (bytes: Uint8Array) => void): boolean {
    const handler = this.udpHandlers.get(to.port);
    handler?.({ from: socketAddress(from), to: socketAddress(to), bytes }, reply);
    return handler !== undefined;
  }

  private readonly page = (request: HttpRequest, reply: Reply): void => {
    const { path, method } = request;
    const page = this.pages.get(path);
    if (page === undefined) reply({ status: 404, body: `${path} is not here\n` });
    else if (typeof page === 'function') page(request, (response) => reply(response));
    else if (method === 'GET' || method === 'HEAD') reply({ status: 200, body: page }, true);
    else reply({ status: 405, headers: { Allow: 'GET, HEAD' } });
  };
}

/** @throws MisuseError for an invalid port. */
export function checkedPort(path: string, port: number): number {
  checkWhole(`${path}.port`, port, 1, 0xffff);
  return port;
}
