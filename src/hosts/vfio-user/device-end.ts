import type { Libc } from '../system/libc.ts';
import type { Carrier } from './commands/dma-writes.ts';
import type { FunctionServer } from './function-server.ts';
import { peerRunsOnKvm } from './system/peer.ts';
import { Session, type SessionHost } from './system/session.ts';
import { Listener } from './system/socket.ts';

interface EndHost extends SessionHost {
  /** The client has connected. `onKvm` if its guest's code is executed by a processor, and not translated. */
  accepted(onKvm: boolean): void;
}

/** One function's end of the connection: the socket, then its one client. */
export class DeviceEnd implements Carrier {
  readonly served: FunctionServer;
  private readonly listener: Listener;
  private session: Session | null = null;

  constructor(served: FunctionServer, socket: string, libc: Libc, host: EndHost) {
    this.served = served;
    this.listener = new Listener(libc, socket, (fd) => {
      host.accepted(peerRunsOnKvm(libc, fd));
      this.session = new Session(libc, fd, served, host);
    });
  }

  get writes(): boolean {
    return this.served.writes;
  }

  get transferMax(): number {
    return this.served.transferMax;
  }

  send(messages: Uint8Array, length: number): void {
    this.session?.send(messages, length);
  }

  close(): void {
    this.listener.close();
    this.session?.close();
    this.session = null;
    this.served.close();
  }
}
