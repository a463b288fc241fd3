import { describe, expect, test } from 'vitest';
import { QueueRig } from './queue-rig.ts';

describe('a ring', () => {
  const withFlags = () => {
    const rig = new QueueRig();
    rig.guest.view.setUint16(rig.guest.used, 1, true);
    rig.queue.configure(rig.guest.at, rig.guest.avail, rig.guest.used);
    return rig;
  };

  test.each([
    ['looks for a chain', (rig: QueueRig) => rig.popAll()],
    ['suppresses kicks', (rig: QueueRig) => rig.queue.hush()],
  ])('with flags in the used ring is taken, with a finding when the device %s', (_what, first) => {
    const rig = withFlags();
    const before = rig.findings;
    first(rig);
    expect([rig.queue.ready, before, rig.findings]).toEqual([
      true,
      [],
      ['virtio/VQ-AVSUP-D1 queue: used.flags was 1 when the device looked at the ring for the first time'],
    ]);
  });

  test('that is cleared once the device has its address is taken, too', () => {
    const rig = withFlags();
    rig.guest.view.setUint16(rig.guest.used, 0, true);
    rig.queue.hush();
    rig.popAll();
    expect(rig.findings).toEqual([]);
  });
});
