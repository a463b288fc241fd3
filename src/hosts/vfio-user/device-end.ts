import type { Libc } from '../system/libc.ts';
import type { FunctionServer } from './function-server.ts';
import { Session, type SessionHost } from './system/session.ts';
import { Listener } from './system/socket.ts';

/** One function's end of the wire: the socket, then its one client. */
export class DeviceEnd {
  readonly served: FunctionServer;
  private readonly listener: Listener;
  private session: Session | null = null;

  constructor(served: FunctionServer, socket: string, libc: Libc, host: SessionHost) {
    this.served = served;
    this.listener = new Listener(libc, socket, (fd) => {
      this.session = new Session(libc, fd, served, host);
    });
  }

  close(): void {
    this.listener.close();
    this.session?.close();
    this.session = null;
    this.served.close();
  }
}
