// SPDX-License-Identifier: MIT-0
import { gceN1 } from 'guestrig';
import { acceptable, enumerate, isVirtio, TRANSPORT_FEATURES, VirtioDriver } from 'guestrig/guest';
import { expect, test } from 'vitest';

test('reads bytes from an entropy device, with the parts of a driver', () => {
  const machine = gceN1({ rng: true, virtio: 'modern', ringFeatures: ['RING_PACKED'] });
  const { port } = machine;
  const { bdf } = enumerate(port).find(({ id }) => isVirtio(id, 'rng'))!;
  const came: number[] = [];

  const device = new VirtioDriver(port, bdf, 'my-rng');
  device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
  const queue = device.addQueue(0, () => queue.drain((_id, length) => came.push(length)));
  device.ready();
  queue.add([], [{ address: port.allocate(64, 1), length: 64 }]);
  device.kick(queue);
  device.waitFor(() => came.length > 0, 1_000_000, 'no bytes came');
  device.close();

  expect(came).toEqual([64]);
  expect(machine.findings).toEqual([]);
});
