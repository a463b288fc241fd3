import { describe, expect, test } from 'vitest';
import type { Width } from '../../../core/bits.ts';
import { ModernRig } from './modern-rig.ts';

const RING_PACKED = 34;
const NOTIFICATION_DATA = 38;
const NOTIF_CONFIG_DATA = 39;
const RING_RESET = 40;

describe('a queue', () => {
  test('receives kicks at its own address', () => {
    const rig = new ModernRig().start();
    const head = rig.send(1, Uint8Array.of(7, 8), 2);
    expect([rig.device.kicks, rig.guests[1]!.take(), rig.isr(), rig.isr(), rig.findings]).toEqual([
      [1],
      [[head, 2]],
      1,
      0,
      [],
    ]);
  });

  test.each([
    ['lenient', [0]],
    ['strict', []],
  ] as const)('is served before DRIVER_OK or not, by strictness: %s', (strictness, kicks) => {
    const rig = new ModernRig([], 0, { strictness });
    rig.negotiate();
    rig.out(0x14, 0x0b, 1);
    rig.in(0x14, 1);
    rig.setUpQueue(0);
    rig.send(0, Uint8Array.of(1), 1);
    expect([rig.device.kicks, rig.clauses]).toEqual([kicks, ['virtio/INIT-D13']]);
  });

  test.each<[string, number, number]>([
    ['', 4, 4],
    ['virtio/PCI-COMMON-D3', 6, 8],
    ['virtio/PCI-COMMON-D3', 0, 8],
    ['virtio/VQ-IMP-1', 16, 8],
  ])('breaks "%s" when its size is set to %i, and has %i', (clause, size, then) => {
    const rig = new ModernRig().negotiate();
    rig.out(0x18, size, 2);
    expect([rig.in(0x18, 2), rig.clauses.join()]).toEqual([then, clause]);
  });

  test.each<[string, number, number]>([
    ['', 6, 6],
    ['virtio/PCI-COMMON-D2', 0, 8],
    ['virtio/VQ-IMP-1', 9, 8],
  ])('packed, breaks "%s" when its size is set to %i, and has %i', (clause, size, then) => {
    const rig = new ModernRig([RING_PACKED]).negotiate(RING_PACKED);
    rig.out(0x18, size, 2);
    expect([rig.in(0x18, 2), rig.clauses.join()]).toEqual([then, clause]);
  });

  test('must have its addresses before it is enabled', () => {
    const rig = new ModernRig().negotiate();
    rig.out(0x14, 0x0b, 1);
    rig.in(0x14, 1);
    rig.out(0x1c, 1, 2);
    expect(rig.journal.findings[0]).toMatchObject({
      clause: 'virtio/PCI-COMMON-D4',
      said: 'queue 0 was enabled before anything was written to queue_desc, queue_driver, queue_device',
    });
  });

  test('keeps its addresses while it is enabled', () => {
    const rig = new ModernRig().start();
    rig.out(0x16, 0, 2);
    rig.out(0x20, 0x30_0000, 4);
    rig.send(0, Uint8Array.of(1), 1);
    expect([rig.guests[0]!.usedIdx, rig.clauses]).toEqual([1, ['virtio/PCI-COMMON-D4']]);
  });

  test.each([0, 2])('is not enabled by %i', (value) => {
    const rig = new ModernRig().start();
    rig.out(0x16, 0, 2);
    rig.out(0x1c, value, 2);
    expect([rig.in(0x1c, 2), rig.clauses]).toEqual([1, ['virtio/PCI-COMMON-D6']]);
  });

  test('with unaligned areas never runs', () => {
    const rig = new ModernRig().negotiate();
    rig.out(0x14, 0x0b, 1);
    rig.in(0x14, 1);
    rig.addresses(0);
    rig.out(0x30, 0x10_2002, 4);
    rig.out(0x1c, 1, 2);
    expect([rig.device.queues.some(({ ready }) => ready), rig.in(0x14, 1), rig.clauses]).toEqual([
      false,
      0x4b,
      ['virtio/VQ-SPLIT-D1'],
    ]);
  });

  test.each([2, 3, 0xffff])('that does not exist has size 0 and cannot be set up: %i', (index) => {
    const rig = new ModernRig().negotiate();
    rig.out(0x16, index, 2);
    const size = rig.in(0x18, 2);
    rig.out(0x20, 0x1000, 4);
    expect([size, rig.in(0x20, 4), rig.clauses]).toEqual([0, 0, ['virtio/VQ-IMP-15']]);
  });
});

describe('a kick', () => {
  test.each<[string, number[], number, Width]>([
    ['', [], 1, 2],
    ['virtio/PCI-KICK-D1', [], 1, 4],
    ['virtio/PCI-KICK-D3', [], 0, 2],
    ['', [NOTIFICATION_DATA], 0x0000_0001, 4],
    ['virtio/PCI-KICK-D2', [NOTIFICATION_DATA], 1, 2],
    ['virtio/PCI-KICK-D4', [NOTIFICATION_DATA], 0x0000_0000, 4],
    ['virtio/VQ-IMP-10', [NOTIFICATION_DATA], 0x0003_0001, 4],
    ['', [NOTIFICATION_DATA, RING_PACKED], 0x8000_0001, 4],
    ['virtio/PACKED-DESC-D3', [NOTIFICATION_DATA, RING_PACKED], 0x0000_0001, 4],
    ['virtio/PACKED-DESC-D3', [NOTIFICATION_DATA, RING_PACKED], 0x8001_0001, 4],
    ['', [NOTIF_CONFIG_DATA], 0x4e01, 2],
    ['virtio/PCI-KICK-D5', [NOTIF_CONFIG_DATA], 1, 2],
    ['', [NOTIFICATION_DATA, NOTIF_CONFIG_DATA], 0x0000_4e01, 4],
    ['virtio/PCI-KICK-D6', [NOTIFICATION_DATA, NOTIF_CONFIG_DATA], 0x0000_0001, 4],
  ])('of queue 1 breaks "%s" with %o and %i in %i bytes, and is served', (clause, features, value, width) => {
    const rig = new ModernRig(features).start(...features);
    rig.kick(1, value, width);
    expect([rig.device.kicks, rig.clauses.join()]).toEqual([[1], clause]);
  });

  test('beside its queue’s address is a finding, and serves no queue', () => {
    const rig = new ModernRig().start();
    // Two bytes after the address of queue 0.
    rig.kick(0.5, 0);
    expect([rig.device.kicks, rig.clauses]).toEqual([[], ['virtio/PCI-KICK-IMP-1']]);
  });

  test('with `notifyElsewhere` goes to 8 times what queue_notify_off reads, which no index leads to', () => {
    const rig = new ModernRig([], 0, { notifyElsewhere: true }).start();
    rig.out(0x16, 1, 2);
    const slot = rig.in(0x1e, 2);

    for (const index of [0, 1, 2, 3, 2 * slot]) rig.kick(index, 1);

    // The rig counts in fours.
    expect([slot, rig.device.kicks, rig.clauses]).toEqual([4, [1], ['virtio/PCI-KICK-IMP-1']]);
  });

  test('of a queue that does not exist is a finding', () => {
    const rig = new ModernRig().start();
    rig.kick(2);
    expect([rig.device.kicks, rig.clauses]).toEqual([[], ['virtio/PCI-KICK-D3']]);
  });

  test('uses, with NOTIF_CONFIG_DATA, the value of a register', () => {
    const rig = new ModernRig([NOTIF_CONFIG_DATA]).start(NOTIF_CONFIG_DATA);
    rig.out(0x16, 1, 2);
    expect([rig.in(0x38, 2), rig.in(0x1e, 2)]).toEqual([0x4e01, 1]);
  });
});

describe('queue_reset', () => {
  const resetFirst = () => {
    const rig = new ModernRig([RING_RESET]).start(RING_RESET);
    rig.send(0, Uint8Array.of(1), 1);
    rig.out(0x16, 0, 2);
    rig.out(0x3a, 1, 2);
    return rig;
  };

  test('stops one queue, which runs again after it was set up again', () => {
    const rig = resetFirst();
    const after = [rig.in(0x3a, 2), rig.in(0x1c, 2), rig.in(0x20, 4), rig.in(0x18, 2)];
    rig.setUpQueue(0);
    const head = rig.send(0, Uint8Array.of(5), 1);
    expect([after, rig.guests[0]!.take(), rig.findings]).toEqual([[0, 0, 0, 8], [[head, 1]], []]);
  });

  test.each<[string, (rig: ModernRig) => void]>([
    ['virtio/PCI-COMMON-D7', (rig) => rig.setUpQueue(0)],
    ['virtio/VQRESET-D1', (rig) => rig.kick(0)],
    [
      'virtio/VQREENABLE-D1',
      (rig) => {
        rig.in(0x3a, 2);
        rig.out(0x1c, 1, 2);
      },
    ],
    [
      'virtio/VQ-IMP-30',
      (rig) => {
        rig.in(0x3a, 2);
        rig.kick(0);
      },
    ],
  ])('broken: %s', (clause, wrong) => {
    const rig = resetFirst();
    wrong(rig);
    expect(rig.clauses).toContain(clause);
  });

  test('removes its vector, and a pending masked message', () => {
    const rig = new ModernRig([RING_RESET], 2).start(RING_RESET);
    rig.set(4, 0x42, 0x8000, 2);
    rig.out(0x16, 0, 2);
    rig.out(0x1a, 1, 2);
    for (const [i, value] of [0xfee0_0000, 0, 0x55, 1].entries())
      rig.mmio.write(0xfebf_f010 + i * 4, value, 4);
    rig.send(0, Uint8Array.of(1), 1);
    rig.out(0x3a, 1, 2);
    rig.mmio.write(0xfebf_f01c, 0, 4);
    expect([rig.in(0x1a, 2), rig.sent]).toEqual([0xffff, []]);
  });

  test('keeps a pending message of another queue', () => {
    const rig = new ModernRig([RING_RESET], 2).start(RING_RESET);
    rig.set(4, 0x42, 0x8000, 2);
    for (const queue of [0, 1]) {
      rig.out(0x16, queue, 2);
      rig.out(0x1a, 1, 2);
    }
    for (const [i, value] of [0xfee0_0000, 0, 0x55, 1].entries())
      rig.mmio.write(0xfebf_f010 + i * 4, value, 4);
    rig.send(0, Uint8Array.of(1), 1);
    rig.out(0x3a, 1, 2);
    rig.mmio.write(0xfebf_f01c, 0, 4);
    expect(rig.sent).toEqual([{ address: 0xfee0_0000, data: 0x55 }]);
  });

  test('restores the maximum size, whatever the driver had set', () => {
    const rig = new ModernRig([RING_RESET]).negotiate(RING_RESET);
    rig.out(0x14, 0x0b, 1);
    rig.out(0x16, 0, 2);
    rig.out(0x18, 4, 2);
    rig.out(0x3a, 1, 2);
    expect(rig.in(0x18, 2)).toBe(8);
  });

  test('does nothing without RING_RESET', () => {
    const rig = new ModernRig([RING_RESET]).start();
    rig.out(0x16, 0, 2);
    rig.out(0x3a, 1, 2);
    expect(rig.in(0x1c, 2)).toBe(1);
  });
});

describe('DEVICE_NEEDS_RESET', () => {
  test('comes with a configuration interrupt when a ring breaks a rule, and is cleared only by a reset', () => {
    const rig = new ModernRig().start();
    rig.guests[0]!.offer(99);
    rig.kick(0);
    const broken = [rig.in(0x14, 1), rig.isr()];
    rig.send(1, Uint8Array.of(1), 1);
    rig.out(0x14, 0x0f, 1);
    const still = [rig.in(0x14, 1), rig.guests[1]!.usedIdx];
    rig.start().send(1, Uint8Array.of(1), 1);
    expect([broken, still, rig.guests[1]!.usedIdx]).toEqual([[0x4f, 2], [0x4f, 0], 1]);
  });

  test('goes to the configuration vector with MSI-X', () => {
    const rig = new ModernRig([], 2);
    rig.out(0x10, 0, 2);
    rig.set(4, 0x42, 0x8000, 2);
    for (const [i, value] of [0xfee0_0000, 0, 0x55, 0].entries())
      rig.mmio.write(0xfebf_f000 + i * 4, value, 4);
    rig.start();
    rig.out(0x10, 0, 2);
    rig.in(0x10, 2);
    rig.guests[0]!.offer(99);
    rig.kick(0);
    expect(rig.sent).toEqual([{ address: 0xfee0_0000, data: 0x55 }]);
  });
});

describe('config_generation', () => {
  test('changes with each change, whether or not the guest is notified', () => {
    const rig = new ModernRig().start();
    const seen = [rig.in(0x15, 1)];
    rig.device.change(false);
    seen.push(rig.in(0x15, 1), rig.isr());
    rig.device.change(true);
    seen.push(rig.in(0x15, 1), rig.isr());
    expect(seen).toEqual([0, 1, 0, 2, 2]);
  });
});
