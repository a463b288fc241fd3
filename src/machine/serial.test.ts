import { expect, test } from 'vitest';
import { Uart16550 } from '../guest/drivers/uart16550.ts';
import { gceN1 } from './gce-n1.ts';

test('all who listen hear every byte and every break, until they stop', () => {
  const machine = gceN1();
  const [com1] = machine.serial;
  const heard: (string | boolean)[][] = [[], [], []];
  const [first, second, third] = heard.map((log) => ({
    receive: (byte: number) => log.push(String.fromCharCode(byte)),
    breaks: (on: boolean) => log.push(on),
  }));
  com1!.endpoint = first!;
  com1!.listen(second!);
  const stop = com1!.listen(third!);
  const uart = new Uart16550(machine.port, com1!.port);

  uart.open();
  uart.write(Uint8Array.of(0x61));
  machine.port.out(0x3fb, 0x43, 1); // LCR: set break
  machine.port.out(0x3fb, 0x03, 1);
  stop();
  uart.write(Uint8Array.of(0x62));

  expect(heard).toEqual([
    ['a', true, false, 'b'],
    ['a', true, false, 'b'],
    ['a', true, false],
  ]);
  expect(com1!.text).toBe('ab');
});

test('events tell of every port', () => {
  const machine = gceN1();
  const told: [string, number][] = [];
  machine.events.on('serial', (name, byte) => told.push([name, byte]));
  for (const { port } of machine.serial) {
    const uart = new Uart16550(machine.port, port);
    uart.open();
    uart.write(Uint8Array.of(0x21));
  }
  expect(told).toEqual([0, 1, 2, 3].map((i) => [`ttyS${i}`, 0x21]));
});
