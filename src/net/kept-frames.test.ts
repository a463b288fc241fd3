import { expect, test } from 'vitest';
import { KeptFrames } from './kept-frames.ts';

test('the last frames are kept, oldest first, and all are counted', () => {
  const sent = new KeptFrames(3);
  for (let i = 0; i < 10; i++) sent.add(Uint8Array.of(i));
  expect([sent.frames.map(([byte]) => byte), sent.total]).toEqual([[7, 8, 9], 10]);
});

test('a frame is kept as it was, even if its bytes change later', () => {
  const sent = new KeptFrames();
  const frame = Uint8Array.of(1);
  sent.add(frame);
  frame[0] = 2;
  expect(sent.frames).toEqual([Uint8Array.of(1)]);
});
