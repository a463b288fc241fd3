import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { Echo } from '../echo-rig.ts';
import { LegacyRig } from '../rig.ts';
import { ModernRig } from '../transport/modern/modern-rig.ts';
import { pickBaits } from './baits.ts';

const NET = 1;
const SCSI = 8;
const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const bitsOf = (seed: number, type: number) => pickBaits(new Random(seed), type);

describe('the baits', () => {
  test('are a bit that nothing describes, a reserved one, and one of another device type', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [undescribed, reserved, foreign] = bitsOf(seed, SCSI);
        return (
          [25, 26, 31].includes(undescribed!) && (reserved! - 44) * (reserved! - 49) <= 0 && foreign! >= 50
        );
      }),
    );
  });

  test('come from the seed: the same ones again, and over many seeds each there is', () => {
    const seeds = Array.from({ length: 200 }, (_, seed) => seed);
    const seen = new Set(seeds.flatMap((seed) => bitsOf(seed, SCSI)));
    expect([bitsOf(7, SCSI), seen.size]).toEqual([bitsOf(7, SCSI), 3 + 6 + 14]);
  });

  test('of a NIC are none of the bits that a NIC defines: 58 alone is free', () => {
    expect(bitsOf(1, NET)[2]).toBe(58);
  });
});

describe('a device that offers them', () => {
  test('shows legacy drivers the one below 32, and reports who takes it', () => {
    const rig = new LegacyRig((board) => new Echo(board));
    rig.device.offerBaits();
    const offered = rig.in(0x00, 4);
    const low = [25, 26, 31].find((bit) => (offered >>> bit) & 1)!;
    rig.start(low);
    expect([offered, rig.findings]).toEqual([
      (0x7100_0003 | (1 << low)) >>> 0,
      [`virtio/FEAT-D5 echo0: bit ${low} was accepted`],
    ]);
  });

  test('shows modern drivers all of them, each with its clause', () => {
    const rig = new ModernRig();
    rig.device.offerBaits();
    const { modern } = rig.device.offers;
    rig.start(...[25, 26, 31, ...span(44, 63)].filter((bit) => modern.has(bit)));
    expect(rig.clauses).toEqual(['virtio/FEAT-D5', 'virtio/FEAT-D6', 'virtio/FEAT-D8']);
  });

  test('has nothing to say of who leaves them, but that the rule was met', () => {
    const rig = new ModernRig();
    rig.device.offerBaits();
    rig.start();
    expect([rig.clauses, rig.journal.reached('virtio/FEAT-D6')]).toEqual([[], true]);
  });
});
