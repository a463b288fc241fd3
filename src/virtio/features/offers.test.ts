import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../core/random.ts';
import { Echo } from '../echo-rig.ts';
import { PLAIN } from '../manners.ts';
import { LegacyRig } from '../rig.ts';
import { ModernRig } from '../transport/modern/modern-rig.ts';
import { pickUndefinedFeatures } from './offers.ts';

const NET = 1;
const SCSI = 8;
const BAITED = { reservedFeatures: true };
const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const bitsOf = (seed: number, type: number) => pickUndefinedFeatures(new Random(seed), type);

describe('the decoy features', () => {
  test('are an undefined bit, a reserved one, and one of another device type', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [undescribed, reserved, foreign] = bitsOf(seed, SCSI);
        return (
          [25, 26, 31].includes(undescribed!) && (reserved! - 44) * (reserved! - 49) <= 0 && foreign! >= 50
        );
      }),
    );
  });

  test('are reproducible from the seed, and over many seeds every one occurs', () => {
    const seeds = Array.from({ length: 200 }, (_, seed) => seed);
    const seen = new Set(seeds.flatMap((seed) => bitsOf(seed, SCSI)));
    expect([bitsOf(7, SCSI), seen.size]).toEqual([bitsOf(7, SCSI), 3 + 6 + 14]);
  });

  test('of a NIC are not among the bits that a NIC defines: only 58 is free', () => {
    expect(bitsOf(1, NET)[2]).toBe(58);
  });
});

describe('a device that offers them', () => {
  test('shows legacy drivers the one below 32, and reports a driver that accepts it', () => {
    const rig = new LegacyRig((board) => new Echo(board, 'echo0', { manners: { ...PLAIN, ...BAITED } }));
    const offered = rig.in(0x00, 4);
    const low = [25, 26, 31].find((bit) => (offered >>> bit) & 1)!;
    rig.start(low);
    expect([offered, rig.findings]).toEqual([
      (0x7100_0003 | (1 << low)) >>> 0,
      [`virtio/FEAT-D5 echo0: bit ${low} was accepted`],
    ]);
  });

  test('shows modern drivers all of them, each with its clause', () => {
    const rig = new ModernRig([], 0, BAITED);
    const { modern } = rig.device.offers;
    rig.start(...[25, 26, 31, ...span(44, 63)].filter((bit) => modern.has(bit)));
    expect(rig.clauses).toEqual(['virtio/FEAT-D5', 'virtio/FEAT-D6', 'virtio/FEAT-D8']);
  });

  test('reports nothing for a driver that ignores them, except that the rule was met', () => {
    const rig = new ModernRig([], 0, BAITED);
    rig.start();
    expect([rig.clauses, rig.journal.reached('virtio/FEAT-D6')]).toEqual([[], true]);
  });
});
