import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Views } from './views.ts';

test('a part has the same bytes as a subarray, however many were requested between', () => {
  const bytes = Uint8Array.from({ length: 64 }, (_, i) => i);
  const views = new Views(bytes);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(64), fc.nat(64)), { minLength: 1, maxLength: 300 }), (parts) => {
      const ordered = parts.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
      const found = ordered.map(([start, end]) => Array.from(views.of(start, end)));
      expect(found).toEqual(ordered.map(([start, end]) => Array.from(bytes.subarray(start, end))));
    }),
  );
});

test('a part that is requested again is no new view', () => {
  const views = new Views(new Uint8Array(64));

  expect(views.of(3, 60)).toBe(views.of(3, 60));
});

test.each([
  ['pages that touch', 4096, 4096],
  ['every second page', 8192, 4096],
  ['frames in buffers of 2 KiB', 2048, 1514],
])('64 parts in turns are no new views: %s', (_what, distance, length) => {
  const views = new Views(new Uint8Array(64 * distance));
  const all = () => Array.from({ length: 64 }, (_, i) => views.of(i * distance, i * distance + length));
  const made = all();

  expect(all().every((view, i) => view === made[i])).toBe(true);
});
