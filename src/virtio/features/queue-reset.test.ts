import { expect, test } from 'vitest';
import { acceptable, isVirtio, TRANSPORT_FEATURES, VirtioDriver } from '../../guest/index.ts';
import { gceN1, type MachineOptions } from '../../index.ts';

const MILLISECOND = 1_000_000;
const ROOM = 32;
/** The request queue of a SCSI adapter, and the parts of a request without data. */
const [REQUESTS, REQUEST, RESPONSE] = [2, 51, 108];

/** A machine with a driver for a device of that type, with one queue in use that can be reset alone. */
function driven(type: 'rng' | 'scsi', index: number, options: MachineOptions = {}) {
  const machine = gceN1({ virtio: 'modern', rng: true, ringFeatures: ['RING_RESET'], ...options });
  const { bdf } = machine.functions.find((fn) => isVirtio(machine.idOf(fn.bdf)!, type))!;
  const device = new VirtioDriver(machine.port, bdf, type, { interrupts: 'polled' });
  device.negotiate((offered) => acceptable(offered, TRANSPORT_FEATURES));
  const queue = device.addQueue(index, () => {});
  device.ready();
  return { machine, device, queue };
}

test('delayed completions of a queue that was reset are not written and not reported', () => {
  const { machine, device, queue } = driven('rng', 0, {
    completion: { latency: [MILLISECOND, MILLISECOND] },
  });
  const buffer = machine.port.allocate(ROOM, 1);
  const ring = queue.areas.device;
  queue.add([], [{ address: buffer, length: ROOM }]);
  device.kick(queue);
  device.transport.resetQueue(0);
  machine.port.wait(() => false, 2 * MILLISECOND);

  expect([machine.port.memory.load(ring + 2, 2), device.transport.takeInterruptStatus()]).toEqual([0, 0]);
});

test('a disk does not execute requests from a queue that was reset', () => {
  const { machine, device, queue } = driven('scsi', REQUESTS, {
    disks: [{ bytes: 1 << 20 }],
    scsi: { latency: MILLISECOND },
  });
  const [request, response] = [machine.port.allocate(REQUEST, 1), machine.port.allocate(RESPONSE, 1)];
  machine.port.memory.fill(response, 0xdb, RESPONSE);
  queue.add([{ address: request, length: REQUEST }], [{ address: response, length: RESPONSE }]);
  device.kick(queue);
  device.transport.resetQueue(REQUESTS);
  machine.port.wait(() => false, 2 * MILLISECOND);

  expect(machine.port.memory.load(response, 1)).toBe(0xdb);
});

test.each([
  ['split', ['RING_RESET']],
  ['packed', ['RING_RESET', 'RING_PACKED']],
] as const)('a %s queue that is set up again begins at its first entry', (_format, ringFeatures) => {
  const { machine, device, queue } = driven('rng', 0, { ringFeatures: [...ringFeatures] });
  const lend = (to: typeof queue) => {
    to.add([], [{ address: machine.port.allocate(ROOM, 1), length: ROOM }]);
    device.kick(to);
  };
  lend(queue);
  device.resetQueue(queue);
  const again = device.addQueue(0, () => {});
  lend(again);

  expect(again.take()?.length).toBe(ROOM);
});
