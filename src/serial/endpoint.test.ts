import { expect, test } from 'vitest';
import { SerialText } from './endpoint.ts';

test('what the guest sent reads as UTF-8, and clear forgets it', () => {
  const screen = new SerialText();
  for (const byte of new TextEncoder().encode('größe')) screen.receive(byte);
  const before = screen.text;
  screen.clear();
  expect([before, screen.text]).toEqual(['größe', '']);
});

test('bytes are kept as they came, past the first kibibyte too, and the copy is the caller’s', () => {
  const screen = new SerialText();
  // More than twice the first buffer, so that it grows twice.
  for (let i = 0; i < 2500; i++) screen.receive(i & 0xff);
  screen.bytes.fill(0);
  expect(screen.bytes).toEqual(Uint8Array.from({ length: 2500 }, (_, i) => i & 0xff));
});
