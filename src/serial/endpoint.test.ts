import { expect, test } from 'vitest';
import { SerialText } from './endpoint.ts';

test('what the guest sent reads as UTF-8, and clear forgets it', () => {
  const screen = new SerialText();
  for (const byte of new TextEncoder().encode('größe')) screen.receive(byte);
  const before = screen.text;
  screen.clear();
  expect([before, screen.text]).toEqual(['größe', '']);
});

test('bytes are kept unchanged, past the first kibibyte too, and the caller gets a copy', () => {
  const screen = new SerialText();
  // More than twice the first buffer, so that it grows twice.
  for (let i = 0; i < 2500; i++) screen.receive(i & 0xff);
  screen.bytes.fill(0);
  expect(screen.bytes).toEqual(Uint8Array.from({ length: 2500 }, (_, i) => i & 0xff));
});

test('the last bytes are kept, in whatever chunks they came', () => {
  const screen = new SerialText(1500);
  const kept: number[][] = [];
  for (let i = 1; i <= 20_000; i++) {
    screen.receive(i & 0xff);
    if (i % 999 === 0) kept.push([...screen.bytes]);
  }
  const expected = kept.map((_, turn) => {
    const end = (turn + 1) * 999;
    const begin = Math.max(0, end - 1500);
    return Array.from({ length: end - begin }, (_, i) => (begin + i + 1) & 0xff);
  });
  expect(kept).toEqual(expected);
  expect(screen.total).toBe(20_000);
});

test('if bytes are lost, text begins with a whole character', () => {
  const screen = new SerialText(6);
  for (const byte of new TextEncoder().encode('€€€a')) screen.receive(byte);
  expect(screen.text).toBe('€a');
});

test('if none is lost, text shows all that came', () => {
  const screen = new SerialText(6);
  for (const byte of [0x80, 0x61]) screen.receive(byte);
  expect(screen.text).toBe('\ufffda');
});

test.each([-1, 0.5, Number.NaN])('%d bytes cannot be kept', (keep) => {
  expect(() => new SerialText(keep)).toThrow('must be a number of bytes');
});
