import { describe, expect, test } from 'vitest';
import type { Width } from '../../core/bits.ts';
import { Echo } from '../echo-rig.ts';
import { LegacyRig } from '../rig.ts';

const make = (vectors = 0) => new LegacyRig((board) => new Echo(board), vectors);
const SUBJECT = 'echo0 (00:04.0)';

describe('the function', () => {
  test('is a transitional device of revision 0, with the virtio type as its subsystem', () => {
    const rig = make();
    expect([0x00, 0x08, 0x2c].map((register) => rig.get(4, register, 4))).toEqual([
      0x1005_1af4, 0x00ff_0000, 0x0004_1af4,
    ]);
    expect(rig.get(4, 0x3d, 1)).toBe(1);
  });

  test('has ports for header, vectors and configuration, rounded up to a power of two', () => {
    expect(make().card.bars[0]!.region.size).toBe(32);
  });
});

describe('the header', () => {
  test.each([
    ['device features', 0x00, 4, 0x7100_0003],
    ['driver features', 0x04, 4, 0],
    ['queue address', 0x08, 4, 0],
    ['queue size', 0x0c, 2, 8],
    ['queue select', 0x0e, 2, 0],
    ['status', 0x12, 1, 0],
    ['ISR', 0x13, 1, 0],
    ['first word of the configuration', 0x14, 2, 0x0201],
  ] as const)('has the %s at %i, %i bytes wide', (_name, offset, width, value) => {
    const rig = make();
    expect([rig.in(offset, width), rig.findings]).toEqual([value, []]);
  });

  test.each([
    [
      'the low byte of the features',
      0x00,
      1,
      0x03,
      'D3',
      'Device Features (4 bytes) was accessed with 1 byte',
    ],
    ['half of the features', 0x00, 2, 0x0003, 'D3', 'Device Features (4 bytes) was accessed with 2 bytes'],
    [
      'the inside of the features',
      0x01,
      1,
      0xff,
      'D3',
      'Device Features (4 bytes) was accessed with 1 byte, from its byte 1 on',
    ],
    ['queue size and select together', 0x0c, 4, 8, 'D2', 'Queue Size (2 bytes) was accessed with 4 bytes'],
    ['status and ISR together', 0x12, 2, 3, 'D1', 'Device Status (1 byte) was accessed with 2 bytes'],
    [
      'status and what follows',
      0x12,
      4,
      0x0201_0003,
      'D1',
      'Device Status (1 byte) was accessed with 4 bytes',
    ],
  ] as const)('answers %s as QEMU does, with a finding', (_what, offset, width, value, clause, said) => {
    const rig = make();
    rig.device.status = 3;
    expect([rig.in(offset, width), rig.findings]).toEqual([
      value,
      [`virtio/PCI-LAYOUT-${clause} ${SUBJECT}: ${said}`],
    ]);
  });

  test('stores the register’s part of a write that is too wide, and nothing between registers', () => {
    const rig = make();
    rig.out(0x0e, 0xabcd_0001, 2);
    rig.out(0x0f, 0x77, 1);
    rig.out(0x12, 0x0303, 2);
    expect([rig.in(0x0e, 2), rig.in(0x12, 1), rig.in(0x13, 1)]).toEqual([1, 3, 0]);
  });

  test.each([
    ['the offered features', 0x00, 4, 'Device Features was written with 00000000'],
    ['a queue size', 0x0c, 2, 'Queue Size was written with 0000'],
    ['the ISR', 0x13, 1, 'ISR Status was written with 00'],
  ] as const)('ignores writes to %s', (_what, offset, width, said) => {
    const rig = make();
    const before = rig.in(offset, width);
    rig.out(offset, 0, width);
    expect([rig.in(offset, width), rig.findings]).toEqual([before, [`virtio/VQ-IMP-16 ${SUBJECT}: ${said}`]]);
  });

  test('names the register in a trace', () => {
    const rig = make();
    rig.out(0x12, 3, 1);
    const words = [rig.lastAccess];
    rig.in(0x0c, 2);
    words.push(rig.lastAccess);
    rig.in(0x16, 1);
    words.push(rig.lastAccess);
    expect(words).toEqual([
      'echo0 Device Status ← 03  ACKNOWLEDGE DRIVER',
      'echo0 Queue Size → 0008',
      'echo0 config+02 → 03',
    ]);
  });
});

describe('the configuration', () => {
  test('is read and written in any width, up to its end', () => {
    const rig = make();
    rig.out(0x15, 0xbbaa, 2);
    const read = (offset: number, width: Width) => rig.in(0x14 + offset, width);
    expect([read(0, 4), read(1, 1), read(4, 2), read(4, 4), read(6, 1)]).toEqual([
      0x04bb_aa01, 0xaa, 0x0605, 0xffff_0605, 0xff,
    ]);
  });

  test('ignores the part of a write beyond its end', () => {
    const rig = make();
    rig.out(0x18, 0xddcc_bbaa, 4);
    expect([...rig.device.config]).toEqual([1, 2, 3, 4, 0xaa, 0xbb]);
  });

  test('moves after the vectors when MSI-X is enabled, and back when it is disabled', () => {
    const rig = make(3);
    const seen = () => [rig.in(0x14, 2), rig.in(0x16, 2), rig.in(0x18, 2)];
    const off = seen();
    rig.enableMsix(3);
    const on = seen();
    rig.disableMsix();
    expect([off, on, seen()]).toEqual([
      [0x0201, 0x0403, 0x0605],
      [0xffff, 0xffff, 0x0201],
      [0x0201, 0x0403, 0x0605],
    ]);
  });

  test('does not move while the capability is disabled', () => {
    const rig = make(3);
    rig.set(4, 0x42, 0x4000, 2);
    expect(rig.in(0x14, 1)).toBe(1);
  });
});

describe('without MSI-X', () => {
  test('a used buffer sets bit 0 of the ISR and raises INTx, until the ISR is read', () => {
    const rig = make().start();
    rig.send(0, 4);
    const up = [rig.intx, rig.get(4, 0x06, 2) & 8];
    const isr = [rig.in(0x13, 1), rig.in(0x13, 1)];
    expect([up, isr, rig.intx, rig.get(4, 0x06, 2) & 8]).toEqual([[true, 8], [1, 0], false, 0]);
  });

  test('a change of the configuration sets bit 1', () => {
    const rig = make().start();
    rig.device.change();
    rig.send(0, 4);
    expect([rig.intx, rig.in(0x13, 1), rig.intx]).toEqual([true, 3, false]);
  });

  test('Interrupt Disable holds INTx low, and the ISR is still set', () => {
    const rig = make().start();
    rig.command(0x0407);
    rig.send(0, 4);
    const held = [rig.intx, rig.get(4, 0x06, 2) & 8];
    rig.command(0x0007);
    expect([held, rig.intx, rig.in(0x13, 1)]).toEqual([[false, 8], true, 1]);
  });

  test('a reset by the driver forgets the interrupt', () => {
    const rig = make().start();
    rig.send(0, 4);
    rig.out(0x12, 0, 1);
    expect([rig.intx, rig.in(0x13, 1)]).toEqual([false, 0]);
  });
});

describe('a queue', () => {
  test('has its address as a page number, and forgets it when that is 0', () => {
    const rig = make().start();
    rig.out(0x0e, 1, 2);
    const set = [rig.in(0x08, 4), rig.device.queues[1]!.ready];
    rig.out(0x08, 0, 4);
    expect([set, rig.in(0x08, 4), rig.device.queues[1]!.ready]).toEqual([[0x104, true], 0, false]);
  });

  test('has its three parts at the offsets of legacy devices', () => {
    const rig = make().start();
    rig.send(0, Uint8Array.of(1), 1);
    expect([rig.guests[0]!.avail, rig.guests[0]!.used, rig.guests[0]!.usedIdx]).toEqual([
      0x10_0080, 0x10_1000, 1,
    ]);
  });

  test.each([2, 3, 0xffff])('with number %i does not exist: size 0, and it cannot be set up', (index) => {
    const rig = make().start();
    rig.out(0x0e, index, 2);
    const size = rig.in(0x0c, 2);
    rig.out(0x08, 0x100, 4);
    expect([size, rig.in(0x08, 4), rig.findings]).toEqual([
      0,
      0,
      [`virtio/VQ-IMP-15 ${SUBJECT}: queue ${index} was set up, but the device has no such queue`],
    ]);
  });

  test('that is set up before its size was read is a finding, since the device sets the size', () => {
    const rig = make();
    for (const status of [0, 1, 3]) rig.out(0x12, status, 1);
    rig.in(0x0c, 2);
    rig.out(0x08, 0x100, 4);
    rig.out(0x0e, 1, 2);
    rig.out(0x08, 0x104, 4);
    expect(rig.journal.of('virtio/VQ-SPLIT-LEG-D1').map(({ said }) => said)).toEqual([
      'queue 1 was set up before its size was read',
    ]);
  });

  test('outside RAM is not ready, with a finding', () => {
    const rig = make().start();
    rig.out(0x0e, 0, 2);
    rig.out(0x08, 0xffff_ffff, 4);
    expect([rig.device.queues[0]!.ready, rig.journal.of('virtio/RFEAT-D4').map(({ said }) => said)]).toEqual([
      false,
      ['the descriptor table at ffffffff000, of 128 bytes, does not lie in RAM'],
    ]);
  });
});

describe('a reset of the platform', () => {
  test('returns everything to power-on, including MSI-X and base addresses', () => {
    const rig = make(3).start();
    rig.enableMsix(3);
    rig.device.change();
    rig.card.reset('hard');
    rig.set(4, 0x10, 0xc040, 4);
    rig.set(4, 0x14, 0xfebf_f000, 4);
    const before = rig.in(0x14, 1);
    rig.command(0x0007);
    expect([before, rig.in(0x14, 1), rig.in(0x12, 1), rig.in(0x13, 1)]).toEqual([0xff, 1, 0, 0]);
    expect([rig.get(4, 0x42, 2), rig.mmio.read(0xfebf_f018, 4), rig.mmio.read(0xfebf_f01c, 4)]).toEqual([
      2, 0, 1,
    ]);
  });

  test('lowers INTx', () => {
    const rig = make().start();
    rig.send(0, 4);
    rig.card.reset('hard');
    expect(rig.intx).toBe(false);
  });
});

describe('the size of a queue', () => {
  const SELECT = 0x0e;
  const ADDRESS = 0x08;

  function placesAgain(rig: LegacyRig<Echo>): void {
    rig.out(0x12, 0, 1);
    rig.in(0x12, 1);
    for (const status of [1, 3]) rig.out(0x12, status, 1);
    rig.in(0x00, 4);
    rig.out(0x04, 0, 4);
    rig.out(SELECT, 0, 2);
    rig.out(ADDRESS, 0x100, 4);
  }

  test('may be remembered over a reset of the device', () => {
    const rig = make().start();
    placesAgain(rig);
    expect(rig.findings).toEqual([]);
  });

  test('is not known before the first read', () => {
    const rig = make();
    placesAgain(rig);
    expect(rig.findings).toEqual([
      'virtio/VQ-SPLIT-LEG-D1 echo0 (00:04.0): queue 0 was set up before its size was read',
    ]);
  });
});
