import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from './fifo.ts';

test('sixteen words come out in the order they went in, and a seventeenth is lost', () => {
  const fifo = new Fifo();
  fifo.resize(16);
  const lost = Array.from({ length: 17 }, (_, i) => fifo.push(100 + i));
  const out = Array.from({ length: 16 }, () => fifo.pop());
  expect(lost).toEqual([...new Array(16).fill(-1), 116]);
  expect(out).toEqual(Array.from({ length: 16 }, (_, i) => 100 + i));
});

test('a holding register keeps the newer of two words and returns the lost one', () => {
  const fifo = new Fifo();
  const lost = [fifo.push(0x41), fifo.push(0x42)];
  expect(lost).toEqual([-1, 0x41]);
  expect([fifo.count, fifo.pop()]).toEqual([1, 0x42]);
});

type Step = number | 'pop' | 'clear';

/** The result of a step on a FIFO, or on a list limited to sixteen. */
function ofFifo(fifo: Fifo, step: Step): number | undefined {
  if (step === 'pop') return fifo.count > 0 ? fifo.pop() : undefined;
  if (step !== 'clear') return fifo.push(step);
  fifo.clear();
  return undefined;
}

function ofList(list: number[], step: Step): number | undefined {
  if (step === 'pop') return list.shift();
  if (step === 'clear') list.length = 0;
  else if (list.length === 16) return step;
  else list.push(step);
  return step === 'clear' ? undefined : -1;
}

test('it behaves like a list of at most sixteen words for any pushes, pops and clears', () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 0xffff }) },
    { weight: 4, arbitrary: fc.constant('pop' as const) },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
  );
  // 60 steps or more wrap the ring.
  fc.assert(
    fc.property(fc.array(step, { minLength: 60, maxLength: 200 }), (steps) => {
      const fifo = new Fifo();
      fifo.resize(16);
      const list: number[] = [];
      expect(steps.map((step) => ofFifo(fifo, step))).toEqual(steps.map((step) => ofList(list, step)));
      expect(fifo.count).toBe(list.length);
    }),
    { seed: 16 },
  );
});
