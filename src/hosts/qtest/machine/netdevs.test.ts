import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { KeepingNic } from '../../../net/backends/rig.ts';
import { Netdevs, SocketNetdev } from './netdevs.ts';

const FRAME = [...Array(16).keys()];
let folder: string;
let ours: Socket;
let theirs: Socket;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'guestrig-netdev-'));
  const server = createServer((socket) => {
    ours = socket;
  }).listen(join(folder, 's'));
  await once(server, 'listening');
  theirs = connect(join(folder, 's'));
  await Promise.all([once(theirs, 'connect'), once(server, 'connection')]);
  server.close();
});
afterEach(() => {
  ours.destroy();
  theirs.destroy();
  rmSync(folder, { recursive: true });
});

/** What arrives at a NIC until the end of the sent data. */
async function arrived(bytes: readonly number[][], nic: KeepingNic, frames: number): Promise<number[][]> {
  for (const part of bytes) theirs.write(Uint8Array.from(part));
  while (nic.got.length < frames) await once(ours, 'data');
  return nic.got;
}

describe('a socket as a wire', () => {
  test('carries frames behind their lengths, in pieces of any size', async () => {
    const nic = new KeepingNic();
    new SocketNetdev(ours).attach(nic);

    expect(
      await arrived(
        [
          [0, 0],
          [0, 16, ...FRAME.slice(0, 5)],
          [...FRAME.slice(5), 0, 0, 0, 16, ...FRAME],
        ],
        nic,
        2,
      ),
    ).toEqual([FRAME, FRAME]);
  });

  test('pads frames shorter than an Ethernet header', async () => {
    const nic = new KeepingNic();
    new SocketNetdev(ours).attach(nic);

    expect(await arrived([[0, 0, 0, 2, 7, 8]], nic, 1)).toEqual([[7, 8, ...Array(12).fill(0)]]);
  });

  test('sends what the guest sends', async () => {
    new SocketNetdev(ours).send(Uint8Array.from(FRAME));
    const [chunk] = await once(theirs, 'data');

    expect([...chunk]).toEqual([0, 0, 0, 16, ...FRAME]);
  });

  test('keeps frames that arrive while the machine is stopped', async () => {
    const nic = new KeepingNic();
    const netdev = new SocketNetdev(ours);
    netdev.attach(nic);
    netdev.pause();
    theirs.write(Uint8Array.from([0, 0, 0, 16, ...FRAME]));
    await once(ours, 'data');

    expect(nic.got).toEqual([]);
    netdev.resume();
    expect(nic.got).toEqual([FRAME]);
  });

  test('is closed by a length that no frame has', async () => {
    new SocketNetdev(ours);
    theirs.write(Uint8Array.of(0xff, 0, 0, 0, 1));
    await once(theirs, 'close');

    expect(ours.destroyed).toBe(true);
  });
});

test.each([
  [{ type: 'user' }, null],
  [{ type: 'hubport', hubid: '0' }, null],
])('behind %j there is no peer', (netdev, backend) => {
  expect(new Netdevs(new Map([['n', netdev]])).find('n')).toBe(backend);
});

test('another kind is refused', () => {
  expect(() => new Netdevs(new Map([['n', { type: 'tap' }]]))).toThrow(
    'netdev must be socket,fd=N, user or hubport; got "tap"',
  );
});
