import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { Clock } from '../../src/core/clock.ts';
import { FloodGuest, type Place } from '../../src/net/gce/flood-rig.ts';
import { gceNetwork } from '../../src/net/gce/index.ts';

const MIB = 1 << 20;
const SECOND = 1_000_000_000;
const HTTP: Place = { address: 0x0a09_0807, port: 80 };
const MANY = 2000;
const text = (said: string) => new Uint8Array(Buffer.from(said));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are in use, arrays of bytes among them. */
function inUse(): number {
  collect();
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** What the budget counts is the process's memory: half of 64 MiB for all, and 16 KiB for each connection in addition. */
const MOST = 32 * MIB + MANY * (16 << 10) + 16 * MIB;

test.each<[what: string, said: Uint8Array, window: number]>([
  ['pages that are not read', text('GET /made HTTP/1.1\r\n\r\n'), 0],
  [
    'bodies that never end',
    text(`PUT / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(100_000)}`),
    9000,
  ],
])('%s take no more of the process than the budget, then and later', (_what, said, window) => {
  const network = gceNetwork();
  network.http('/made', (_request, respond) => respond({ status: 200, body: new Uint8Array(MIB) }));
  const clock = new Clock();
  const guest = new FloodGuest((frame) => network.send(frame));
  network.attach({ clock, receive: (frame) => guest.hear(frame) });
  const before = inUse();

  for (let port = 2000; port < 2000 + MANY; port++) {
    guest.open(port, HTTP);
    guest.put(port, HTTP, said, window);
  }
  const flooded = inUse() - before;
  let later = 0;
  for (let i = 0; i < 20; i++) {
    for (let seconds = 0; seconds < 30; seconds++) clock.advance(SECOND);
    later = Math.max(later, inUse() - before);
  }

  expect(flooded).toBeLessThan(MOST);
  expect(later).toBeLessThan(MOST);
  expect(network.kept).toBeLessThan(64 * MIB);
});
