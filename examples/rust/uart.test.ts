// SPDX-License-Identifier: MIT-0
import 'guestrig/vitest';
import { gceN1 } from 'guestrig';
import { expect, test } from 'vitest';
import { uart } from './driver.js';

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
