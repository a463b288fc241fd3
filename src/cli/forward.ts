import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { MisuseError } from '../core/misuse.ts';
import type { GceNetwork } from '../net/gce/index.ts';

const LOOPBACK = '127.0.0.1';

/** A port of this host that is forwarded to one of the guest. */
export interface Forward {
  readonly host: number;
  readonly guest: number;
}

/**
 * Opens ports on this host's loopback, and forwards connections to the guest.
 *
 * @returns a function that closes them and all connections. @throws MisuseError for a port that is in use.
 */
export async function openForwards(network: GceNetwork, forwards: readonly Forward[]): Promise<() => void> {
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const close = () => {
    for (const server of servers) server.close();
    // The guest's last data is still sent.
    for (const socket of sockets) socket.destroySoon();
  };
  for (const { host, guest } of forwards) {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      join(network, guest, socket);
    });
    servers.push(server);
    server.listen(host, LOOPBACK);
    await once(server, 'listening').catch((error: Error) => {
      close();
      throw new MisuseError('--forward', `${host}:${guest}`, '', error.message);
    });
  }
  return close;
}

function join(network: GceNetwork, port: number, socket: Socket): void {
  socket.pause();
  socket.on('error', () => socket.destroy());
  network.connect(port).then(
    (guest) => {
      const hear = (bytes: Uint8Array) => {
        // While this host does not read, the guest must not send.
        if (!socket.write(bytes.slice())) guest.onData = null;
      };
      guest.onData = hear;
      socket.on('drain', () => {
        guest.onData = hear;
      });
      guest.onDrain = () => socket.resume();
      guest.onEnd = () => socket.end();
      guest.onClose = (why) => {
        if (why !== 'closed') socket.destroy();
      };
      socket.on('data', (bytes) => {
        if (!guest.write(bytes)) socket.pause();
      });
      socket.on('end', () => guest.end());
      socket.on('close', () => guest.end());
      socket.resume();
    },
    () => socket.destroy(),
  );
}
