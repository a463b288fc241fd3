import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { ScsiHost } from '../../../src/guest/index.ts';
import { pdusOf } from './pdu.ts';
import { Session } from './session.ts';

const NAME = 'iqn.2026-01.test:disk';

/** An iSCSI target on loopback, each of whose sessions is an initiator of its own. */
export interface IscsiTarget {
  /** LUN 0, as an initiator is told of it. */
  readonly url: string;
  close(): Promise<void>;
}

/** @param connect the disk as a new initiator sees it, at target 1 of an adapter. */
export async function openTarget(connect: () => ScsiHost): Promise<IscsiTarget> {
  const server = createServer({ noDelay: true }, (socket) => serve(socket, connect));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `iscsi://127.0.0.1:${port}/${NAME}/0`,
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}

async function serve(socket: Socket, connect: () => ScsiHost): Promise<void> {
  const session = new Session(socket, NAME, connect);
  try {
    for await (const pdu of pdusOf(socket)) session.take(pdu);
  } catch (error) {
    // A program that crashes, or ends without a logout.
    if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
  } finally {
    session.end();
    socket.destroy();
  }
}
