import { expect, test } from 'vitest';
import { conform } from './conform.ts';

const MILLISECOND = 1_000_000;

test('a driver that goes on after its time gets one error, made once, at each access', () => {
  const thrown: unknown[] = [];
  conform(
    {
      name: 'goes on',
      drivers: [],
      run: (port) => {
        for (let turn = 0; turn < 20; turn++)
          try {
            port.wait(() => false, MILLISECOND);
            port.in(0x80, 1);
          } catch (error) {
            thrown.push(error);
          }
      },
    },
    { scenarios: ['a machine as its firmware leaves it'], time: 10 * MILLISECOND },
  );

  // What is left of 20 ms.
  expect(thrown.length).toBeGreaterThan(9);
  expect(new Set(thrown).size).toBe(1);
});
