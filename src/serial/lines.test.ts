import { expect, test } from 'vitest';
import { SerialLines } from './lines.ts';

test('lines come whole, as UTF-8, without their ends', () => {
  const lines: string[] = [];
  const ears = new SerialLines((line) => lines.push(line));
  for (const byte of new TextEncoder().encode('größe\r\n\n\r\r\nlogin: ')) ears.receive(byte);
  expect([lines, ears.rest]).toEqual([['größe', '', ''], 'login: ']);
});
