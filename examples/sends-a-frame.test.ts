// SPDX-License-Identifier: MIT-0
import { gceN1 } from 'guestrig';
import { virtioNetDriver as myNet } from 'guestrig/guest';
import { expect, test } from 'vitest';

test('sends a frame', () => {
  const machine = gceN1();
  const nic = machine.attach(myNet);
  nic.send(new Uint8Array(60));
  expect(machine.nics[0]!.sent).toHaveLength(1);
  expect(machine.findings).toEqual([]);
});
