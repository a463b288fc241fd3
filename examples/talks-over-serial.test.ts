// SPDX-License-Identifier: MIT-0
import { gceN1 } from 'guestrig';
import { UartDriver } from 'guestrig/guest';
import { expect, test } from 'vitest';

const SECOND = 1_000_000_000;

/** A guest that asks for a name and greets. */
function greet(uart: UartDriver): void {
  const print = (text: string) => uart.write(new TextEncoder().encode(text));
  print('login: ');
  let name = '';
  for (let came = uart.read(SECOND); came.length > 0; came = uart.read(SECOND))
    name += new TextDecoder().decode(came);
  print(`hello ${name}`);
}

test("waits for the guest's output, then types", () => {
  const machine = gceN1();
  const login = machine.serial[0]!.dialogue(5 * SECOND)
    .expect('login: ')
    .type('root\n')
    .expect(/hello \w+\n/);

  const uart = new UartDriver(machine.port, 0x3f8);
  uart.open();
  greet(uart);

  login.finish();
  expect(machine.findings).toEqual([]);
});
