import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { Guest } from '../net/gce/guest-rig.ts';
import { gceNetwork } from '../net/gce/index.ts';
import type { TcpSocket } from '../net/stack/tcp/socket.ts';
import { openForwards } from './forward.ts';

const MIB = 1 << 20;

/** A free port. */
async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a program that does not read delays the guest, and gets all data when it does', async () => {
  const network = gceNetwork();
  const guest = new Guest(network);
  let inside: TcpSocket | null = null;
  guest.listener = (socket) => {
    inside = socket;
  };
  const host = await freePort();
  const close = await openForwards(network, [{ host, guest: 22 }]);
  const outside = connect(host, '127.0.0.1');
  outside.pause();
  await once(outside, 'connect');
  while (inside === null) {
    await turn();
    guest.pass(0.001);
  }
  const socket: TcpSocket = inside;

  for (let i = 0; i < 8; i++) socket.write(new Uint8Array(MIB));
  for (let i = 0; i < 100; i++) {
    await turn();
    guest.pass(0.1);
  }
  const kept = network.kept;
  let got = 0;
  outside.on('data', (bytes) => {
    got += bytes.length;
  });
  outside.resume();
  while (got < 8 * MIB) {
    await turn();
    guest.pass(0.1);
  }
  close();
  outside.destroy();

  expect(kept).toBeGreaterThan(MIB / 2);
  expect(kept).toBeLessThan(2 * MIB);
});
