import { expect, test } from 'vitest';
import { Guarded, roomFor } from './guard.ts';

const LENGTH = 64;

test('lent bytes may be written', () => {
  const guarded = new Guarded(new ArrayBuffer(roomFor(LENGTH)), LENGTH);

  guarded.bytes.fill(1);

  expect(guarded.intact).toBe(true);
});

test.each([-1, LENGTH])('a changed byte at %i beside the lent bytes is detected', (at) => {
  const guarded = new Guarded(new ArrayBuffer(roomFor(LENGTH)), LENGTH);

  new Uint8Array(guarded.bytes.buffer)[guarded.bytes.byteOffset + at] = 1;

  expect(guarded.intact).toBe(false);
});
