// SPDX-License-Identifier: MIT-0
import 'guestrig/vitest';
import { gceN1 } from 'guestrig';
import { expect, test } from 'vitest';
import { nic } from './driver.js';

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
