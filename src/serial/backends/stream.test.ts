import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Uart16550 } from '../../guest/drivers/uart16550.ts';
import { gceN1 } from '../../machine/gce-n1.ts';
import { serialStream } from './stream.ts';

const SECOND = 1_000_000_000;

function rig() {
  const machine = gceN1();
  const uart = new Uart16550(machine.port, 0x3f8);
  uart.open();
  return { port: machine.serial[0]!, uart };
}

test('what the guest prints can be read, also what it printed while nobody did', async () => {
  const { port, uart } = rig();
  const stream = serialStream(port).setEncoding('utf8');
  let text = '';

  uart.write(new TextEncoder().encode('one '));
  stream.on('data', (chunk: string) => {
    text += chunk;
  });
  uart.write(new TextEncoder().encode('two'));
  while (text.length < 7) await once(stream, 'data');

  expect(text).toBe('one two');
});

test('what is written is typed', async () => {
  const { port, uart } = rig();
  const stream = serialStream(port);

  stream.write('gr');
  stream.write(Uint8Array.of(0xc3, 0xbc));

  // Polling, each read is one byte.
  expect([0, 1, 2, 3].flatMap(() => [...uart.read(SECOND)])).toEqual([0x67, 0x72, 0xc3, 0xbc]);
});

test('a stream that was destroyed hears no more', async () => {
  const { port, uart } = rig();
  const stream = serialStream(port);
  stream.destroy();
  await once(stream, 'close');
  let heard = 0;
  stream.on('data', () => heard++);

  uart.write(Uint8Array.of(0x21));

  expect([heard, port.text]).toEqual([0, '!']);
});
