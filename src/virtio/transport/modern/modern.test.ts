import { describe, expect, test } from 'vitest';
import type { Width } from '../../../core/bits.ts';
import type { Manners } from '../../manners.ts';
import { ModernRig } from './modern-rig.ts';

const RING_PACKED = 34;
const RING_RESET = 40;

describe('an access to the common configuration', () => {
  test.each<[number, Width, number]>([
    [0x00, 4, 0],
    [0x10, 2, 0xffff],
    [0x12, 2, 3],
    [0x14, 1, 0],
    [0x15, 1, 0],
    [0x18, 2, 8],
    [0x1c, 2, 0],
    [0x1e, 2, 0],
    [0x34, 4, 0],
  ])('at %i of %i bytes reads the reset value', (offset, width, value) => {
    const rig = new ModernRig();
    expect([rig.in(offset, width), rig.findings]).toEqual([value, []]);
  });

  test.each<[string, number, Width, number]>([
    ['virtio/PCI-LAYOUT-D1', 0x14, 2, 0],
    ['virtio/PCI-LAYOUT-D2', 0x18, 4, 8],
    ['virtio/PCI-LAYOUT-D2', 0x10, 1, 0xff],
    // Two bytes at the end of one word, which a bus passes on in halves.
    ['virtio/PCI-LAYOUT-D2', 0x16, 4, 0x0008_0000],
    ['virtio/PCI-LAYOUT-D3', 0x20, 1, 0],
    ['virtio/PCI-LAYOUT-D3', 0x22, 2, 0],
  ])('breaks %s at %i with %i bytes, and is answered up to its end', (clause, offset, width, value) => {
    const rig = new ModernRig();
    expect([rig.in(offset, width), rig.clauses]).toEqual([value, [clause]]);
  });

  test.each([
    [0x04, 4],
    [0x12, 2],
    [0x15, 1],
    [0x1e, 2],
    [0x38, 2],
  ] as const)('that writes the read-only register at %i changes nothing, with a finding', (offset, width) => {
    const rig = new ModernRig([RING_RESET]).start(RING_RESET);
    const before = rig.in(offset, width);
    rig.out(offset, 0x5a, width);
    expect([rig.in(offset, width), rig.clauses]).toEqual([before, ['virtio/PCI-COMMON-D1']]);
  });

  test('beyond its end reads all ones', () => {
    expect(new ModernRig().in(0x38, 2)).toBe(0xffff);
  });

  test('separates the halves of an address', () => {
    const rig = new ModernRig();
    rig.out(0x24, 0x1234, 4);
    rig.out(0x20, 0x5000, 4);
    expect([rig.in(0x20, 4), rig.in(0x24, 4)]).toEqual([0x5000, 0x1234]);
  });

  test('is described by the name of the register', () => {
    const rig = new ModernRig();
    rig.out(0x14, 3, 1);
    expect(rig.lastAccess).toBe('mirror0 device_status ← 03  ACKNOWLEDGE DRIVER');
  });
});

describe('features', () => {
  test('are offered in words, without those for legacy drivers only', () => {
    const rig = new ModernRig([RING_PACKED]);
    const words = [0, 1, 2, 0xffff_ffff].map((word) => {
      rig.out(0, word, 4);
      return rig.in(4, 4);
    });
    expect(words).toEqual([0x3000_0003, 0b101, 0, 0]);
  });

  test('that are consistent are accepted', () => {
    const rig = new ModernRig().start(0, 1);
    expect([rig.in(0x14, 1), rig.findings]).toEqual([0x0f, []]);
  });

  test.each<[string, number[], string]>([
    ['VERSION_1 is missing', [0], 'virtio/RFEAT-D1'],
    ['one was not offered', [32, 5], 'virtio/FEAT-D1'],
    ['one lacks what it rests on', [32, 1], 'virtio/NET-FEAT-D1'],
  ])('are refused by a strict device when %s', (_why, features, clause) => {
    const rig = new ModernRig([], 0, { strictness: 'strict' });
    rig.negotiate();
    rig.accept(...features);
    rig.out(0x14, 0x0b, 1);
    expect([rig.in(0x14, 1), rig.clauses]).toEqual([0x03, [clause]]);
  });

  test('may be requested again after a refusal, without a finding', () => {
    const rig = new ModernRig([], 0, { strictness: 'strict' });
    rig.negotiate();
    rig.accept(1, 32);
    rig.out(0x14, 0x0b, 1);
    rig.out(0x14, rig.in(0x14, 1), 1);
    rig.accept(0, 1, 32);
    rig.out(0x14, 0x0b, 1);
    expect([rig.in(0x14, 1), rig.clauses]).toEqual([0x0b, ['virtio/NET-FEAT-D1']]);
  });

  test('are refused without ACCESS_PLATFORM', () => {
    const rig = new ModernRig([33]).negotiate();
    rig.out(0x14, 0x0b, 1);
    expect([rig.in(0x14, 1), rig.clauses]).toEqual([0x03, ['virtio/RFEAT-D2']]);
  });

  test.each<[number, string]>([
    [34, 'virtio/RFEAT-D5'],
    [36, 'virtio/RFEAT-D6'],
    [39, 'virtio/RFEAT-D10'],
  ])('a driver should take: %i', (bit, clause) => {
    expect([new ModernRig([bit]).start(bit).clauses, new ModernRig([bit]).start().clauses]).toEqual([
      [],
      [clause],
    ]);
  });

  test.each([
    [[], 'virtio/RFEAT-D4'],
    [[33], 'virtio/RFEAT-D3'],
  ])('%o decide what a buffer outside RAM breaks: %s', (features, clause) => {
    const rig = new ModernRig(features).start(...features);
    rig.guests[0]!.describe(0, 0x4000_0000, 16);
    rig.guests[0]!.offer(0);
    rig.kick(0);
    expect(rig.clauses).toEqual([clause]);
  });

  test('must not include SR_IOV, which none of our functions has', () => {
    expect(new ModernRig([37]).start(37).clauses).toEqual(['virtio/RFEAT-D8']);
  });
});

describe('the order of initialisation', () => {
  const closed = (rig: ModernRig) => {
    rig.out(0x14, 0x0b, 1);
    rig.in(0x14, 1);
  };

  test.each<[string, (rig: ModernRig) => void, Partial<Manners>?]>([
    ['virtio/INIT-D5', (rig) => rig.negotiate().setUpQueue(0)],
    [
      'virtio/INIT-D5',
      (rig) => {
        rig.start();
        rig.negotiate().out(0x14, 0x07, 1);
      },
    ],
    [
      'virtio/INIT-D6',
      (rig) => {
        rig.negotiate().out(0x14, 0x0b, 1);
        rig.setUpQueue(0);
      },
    ],
    ['virtio/INIT-D9', (rig) => rig.negotiate().writeConfig(0, 1, 1)],
    ['virtio/INIT-D10', (rig) => rig.start().accept(32)],
    [
      'virtio/INIT-D12',
      (rig) => {
        rig.negotiate();
        rig.accept(0);
        closed(rig);
        rig.setUpQueue(0);
      },
      { strictness: 'strict' },
    ],
    [
      'virtio/INIT-D7',
      (rig) => {
        rig.negotiate();
        closed(rig);
        rig.setUpQueue(0);
        rig.out(0x14, 0x0f, 1);
        rig.setUpQueue(1);
      },
    ],
    [
      'virtio/PCI-COMMON-D5',
      (rig) => {
        rig.out(0x14, 0, 1);
        rig.out(0x14, 1, 1);
      },
    ],
  ])('broken: %s', (clause, wrong, manners) => {
    const rig = new ModernRig([], 0, manners);
    wrong(rig);
    expect(rig.clauses).toContain(clause);
    expect(new ModernRig().start().findings).toEqual([]);
  });

  test('is reported once, not at every later access', () => {
    const rig = new ModernRig().negotiate();
    rig.setUpQueue(0);
    rig.setUpQueue(1);
    expect(rig.journal.count('virtio/INIT-D5')).toBe(1);
  });

  test('keeps the features of FEATURES_OK', () => {
    const rig = new ModernRig().start(0);
    rig.accept(1, 32);
    expect([...rig.device.accepted.words]).toEqual([1, 1, 0, 0]);
  });

  test('ends in a reset that forgets everything', () => {
    const rig = new ModernRig().start(0);
    rig.out(0x14, 0, 1);
    expect([rig.in(0x14, 1), rig.in(0x0c, 4), rig.in(0x16, 2), rig.in(0x1c, 2), rig.in(0x20, 4)]).toEqual([
      0, 0, 0, 0, 0,
    ]);
  });
});
