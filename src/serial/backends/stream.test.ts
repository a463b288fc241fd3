import { once } from 'node:events';
import { expect, test } from 'vitest';
import { UartDriver } from '../../guest/drivers/uart16550.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import type { SerialEndpoint } from '../endpoint.ts';
import { serialStream } from './stream.ts';

const SECOND = 1_000_000_000;

function rig() {
  const machine = gceN1();
  const uart = new UartDriver(machine.port, 0x3f8);
  uart.open();
  return { port: machine.serial[0]!, uart };
}

test('what the guest prints can be read, also if printed earlier, and not byte by byte', async () => {
  const { port, uart } = rig();
  const stream = serialStream(port).setEncoding('utf8');
  const chunks: string[] = [];

  uart.write(new TextEncoder().encode('one '));
  stream.on('data', (chunk: string) => chunks.push(chunk));
  uart.write(new TextEncoder().encode('two '));
  await once(stream, 'data');
  uart.write(new Uint8Array(100).fill(0x2e));
  while (chunks.join('').length < 108) await once(stream, 'data');

  expect([chunks[0], chunks.join('')]).toEqual(['one two ', `one two ${'.'.repeat(100)}`]);
  expect(chunks.length).toBeLessThan(10);
});

test('the last MiB of unread data is kept', async () => {
  const ears: SerialEndpoint[] = [];
  const stream = serialStream({
    name: 'ttyS0',
    type: () => {},
    listen: (endpoint) => {
      ears.push(endpoint);
      return () => {};
    },
  });
  for (let i = 0; i < 3 << 20; i++) ears[0]!.receive(i >> 16);

  stream.resume();
  const [chunk] = await once(stream, 'data');

  expect([chunk.length, chunk[0], chunk.at(-1)]).toEqual([1 << 20, 32, 47]);
});

test('written data is typed', async () => {
  const { port, uart } = rig();
  const stream = serialStream(port);

  stream.write('gr');
  stream.write(Uint8Array.of(0xc3, 0xbc));

  // When polling, each read is one byte.
  expect([0, 1, 2, 3].flatMap(() => [...uart.read(SECOND)])).toEqual([0x67, 0x72, 0xc3, 0xbc]);
});

test('a destroyed stream releases the port', async () => {
  let listeners = 0;
  const stream = serialStream({
    name: 'ttyS0',
    type: () => {},
    listen: () => {
      listeners++;
      return () => listeners--;
    },
  });
  const before = listeners;

  stream.destroy();
  await once(stream, 'close');

  expect([before, listeners]).toEqual([1, 0]);
});
