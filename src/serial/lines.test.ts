import { expect, test } from 'vitest';
import { SerialLines } from './lines.ts';

test('an endless line is delivered in parts of 64 KiB', () => {
  const parts: number[] = [];
  const ears = new SerialLines((line) => parts.push(line.length));
  for (let i = 0; i < 200_000; i++) ears.receive(0x2e);
  expect([parts, ears.rest.length]).toEqual([[65_536, 65_536, 65_536], 3392]);
});

test('lines are delivered whole, as UTF-8, without their ends', () => {
  const lines: string[] = [];
  const ears = new SerialLines((line) => lines.push(line));
  for (const byte of new TextEncoder().encode('größe\r\n\n\r\r\nlogin: ')) ears.receive(byte);
  expect([lines, ears.rest]).toEqual([['größe', '', ''], 'login: ']);
});
