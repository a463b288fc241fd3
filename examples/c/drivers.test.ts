// SPDX-License-Identifier: MIT-0
import 'guestrig/vitest';
import { gceN1 } from 'guestrig';
import { expect, test } from 'vitest';
import { nic, uart } from './drivers.js';

const COM1 = 0x3f8;

test('the UART prints, and reads a key', () => {
  const machine = gceN1();
  const driver = uart.on(machine.port);
  driver.call('start', COM1);
  driver.call('print', COM1, new TextEncoder().encode('hello\n'));
  machine.serial[0]!.type('y');
  machine.port.wait(() => false, 1_000_000);

  expect([machine.serial[0]!.text, driver.call('key', COM1)]).toEqual(['hello\n', 0x79]);
  expect(machine).toConform();
});

test('the NIC sends frames, and receives the returned frames', () => {
  const machine = gceN1({ nics: [{ backend: 'loopback' }] });
  const driver = machine.attach(nic.driver());
  const frames = [60, 200, 1514].map((length) => new Uint8Array(length).fill(length));
  const back = frames.map((frame) => {
    const into = new Uint8Array(1514);
    driver.call('send', frame);
    return into.subarray(0, driver.call('receive', into));
  });

  expect(back).toEqual(frames);
  expect(machine).toConform();
});
