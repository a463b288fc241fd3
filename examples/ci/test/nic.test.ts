// SPDX-License-Identifier: MIT-0
import 'guestrig/vitest';
import { gceN1 } from 'guestrig';
import { expect, test } from 'vitest';
import { nic } from '../src/nic.js';

test('frames that a wire sends back are received unchanged', () => {
  const machine = gceN1({ nics: [{ backend: 'loopback' }] });
  const driver = machine.attach(nic);
  const frames = Array.from({ length: 20 }, (_, i) => new Uint8Array(60 + i).fill(i));
  const back = frames.map((frame) => {
    driver.send(frame);
    machine.port.wait(() => false, 1_000_000);
    return driver.receive();
  });

  expect(back.map(String)).toEqual(frames.map(String));
  expect(machine).toConform();
});

test('a stopped NIC can be started again', () => {
  const machine = gceN1();
  for (let i = 0; i < 2; i++) {
    const driver = machine.attach(nic);
    driver.send(new Uint8Array(60));
    driver.stop();
  }

  expect(machine.nics[0]!.sent).toHaveLength(2);
  expect(machine).toConform();
});
