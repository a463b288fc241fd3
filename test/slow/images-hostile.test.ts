import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { judgeImage } from '../../src/audit/image/image.ts';
import { renderImage } from '../../src/audit/image/report.ts';
import type { Medium } from '../../src/media/medium.ts';
import { MemoryMedium } from '../../src/media/memory.ts';
import { OverlayMedium } from '../../src/media/overlay.ts';
import { repeats } from '../repeats.ts';
import { ImageMaker } from './image-maker.ts';
import { workFolder } from './work-folder.ts';

const maker = new ImageMaker(workFolder());
const MIB = 2 ** 20;
/** More than a damaged image of 128 MiB may take. */
const SECONDS = 20;

const judge = (medium: Medium) =>
  judgeImage({ path: 'disk.raw', members: null, medium, refused: null, claimed: null });

describe('an image', () => {
  const good: Record<string, Medium> = {};
  /** Where a structure may be: all pieces of 64 bytes that are not zero. */
  const places: Record<string, number[]> = {};
  beforeAll(() => {
    for (const fileSystem of ['ext4', 'ext2'] as const) {
      const bytes = readFileSync(maker.raw({ size: '128M', fileSystem }));
      good[fileSystem] = MemoryMedium.from(bytes, { readOnly: true });
      places[fileSystem] = Array.from({ length: bytes.length / 64 }, (_, i) => i * 64).filter(
        (at) => !bytes.subarray(at, at + 64).every((byte) => byte === 0),
      );
    }
  });

  test('that is good is judged so', async () => {
    const { lines } = await judge(good.ext4!);

    expect(lines.filter(({ outcome }) => outcome === 'fail').map(({ name }) => name)).toEqual(['size']);
  });

  const value = fc.constantFrom(0, 1, 0x7f, 0x80, 0xff);
  const change = fc.record({
    place: fc.nat(),
    within: fc.nat({ max: 63 }),
    bytes: fc.array(value, { minLength: 1, maxLength: 8 }),
  });

  test.each(['ext4', 'ext2'])(
    'on %s with some bytes changed is judged in time, and never throws',
    async (kind) => {
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
          const medium = new OverlayMedium(good[kind]!);
          for (const { place, within, bytes } of changes) {
            const at = places[kind]![place % places[kind]!.length]! + within;
            medium.write(at, Uint8Array.from(bytes), 0, Math.min(bytes.length, 128 * MIB - at));
          }
          const begun = performance.now();
          const report = await judge(medium);
          expect(renderImage(report, { color: false })).toContain('guestrig');
          expect(performance.now() - begun).toBeLessThan(SECONDS * 1000);
        }),
        { numRuns: repeats(150, 5000) },
      );
    },
  );

  test('of any bytes behind a good table is judged', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 512, maxLength: 4096 }),
        fc.constantFrom(2, 66),
        async (bytes, at) => {
          const medium = new OverlayMedium(good.ext4!);
          medium.write(at * MIB, bytes, 0, bytes.length);
          medium.write(at * MIB + 1024, bytes, 0, bytes.length);
          expect((await judge(medium)).lines.length).toBeGreaterThan(5);
        },
      ),
      { numRuns: repeats(50, 2000) },
    );
  });
});
