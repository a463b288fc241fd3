import { describe, expect, test } from 'vitest';
import { CELLS, cellName } from './cells.ts';
import { AREAS, ramImage, shapeOf } from './image.ts';

const named = CELLS.map((cell) => [cellName(cell), cell] as const);

describe('the image of', () => {
  test.each(named)('%s has a chain for each of a batch', (_name, cell) => {
    const { size, chains, stride } = shapeOf(cell);

    expect(chains).toBeGreaterThanOrEqual(cell.batch);
    expect(chains * stride).toBe(size);
    // The table is as long as the room between the areas: 4096 descriptors of 16 bytes.
    expect(size * 16).toBeLessThanOrEqual(AREAS.driver - AREAS.desc);
  });
});

test('a packed lap shows no chain before the head of its batch is written', () => {
  const cell = CELLS.find(({ ring, batch }) => ring === 'packed' && batch === 32)!;
  const view = new DataView(ramImage(cell).buffer);
  const flagsOf = (chain: number) => view.getUint16(AREAS.desc + 16 * chain + 14, true);

  // One buffer a chain, wrap counter 1: available is AVAIL (80h) and not USED (8000h).
  expect([0, 31, 32, 33].map((chain) => flagsOf(chain) & 0x8080)).toEqual([0, 0x80, 0, 0x80]);
});
