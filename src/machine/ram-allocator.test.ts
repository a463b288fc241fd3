import { expect, test } from 'vitest';
import { gceN1 } from '../index.ts';

const PAGE = 4096;
const SMALL = { memory: { below4G: 4 << 20 }, judge: false } as const;

test('a driver may allocate and release buffers of its frames for ever, whatever their lengths', () => {
  const { port } = gceN1(SMALL);
  const frames = Array.from({ length: 10_000 }, (_, i) => 60 + (i % 1440));

  const all = new Set(
    frames.map((length) => {
      const at = port.allocate(length, 16);
      port.release(at);
      return at;
    }),
  );

  expect(all.size).toBe(1);
});

test('what was released is given out again only at an address as aligned as was asked', () => {
  const { port } = gceN1(SMALL);
  const odd = Array.from({ length: 40 }, () => port.allocate(100, 1));
  for (const at of odd) port.release(at);

  const aligned = Array.from({ length: 10 }, () => port.allocate(200, 4 * PAGE));

  expect(aligned.map((at) => at % (4 * PAGE))).toEqual(aligned.map(() => 0));
});

test('what is given out again is of zeroes', () => {
  const { port } = gceN1(SMALL);
  const first = port.allocate(3000, 1);
  port.memory.write(first, new Uint8Array(3000).fill(0xff));
  port.release(first);

  const second = port.allocate(100, 64);
  const said = new Uint8Array(100);
  port.memory.read(second, said);

  expect([second, said]).toEqual([first, new Uint8Array(100)]);
});

test('what was released is no allocation any more', () => {
  const { port } = gceN1(SMALL);
  const at = port.allocate(100, 1);
  port.release(at);

  expect(() => port.release(at)).toThrow('the address of an allocation');
});
