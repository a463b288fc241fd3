import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collect, Pair } from './pair-rig.ts';

const text = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7) ^ (i >> 8));

describe('written data', () => {
  const weather = fc.record({
    loss: fc.integer({ min: 0, max: 20 }),
    twice: fc.integer({ min: 0, max: 20 }),
    spoilt: fc.integer({ min: 0, max: 10 }),
    delay: fc.integer({ min: 1, max: 50_000_000 }),
    jitter: fc.integer({ min: 0, max: 20_000_000 }),
    seed: fc.nat(),
  });
  const pieces = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 6 });

  test('arrives complete, once and in order over any wire, and both ends close', () => {
    fc.assert(
      fc.property(weather, pieces, pieces, (how, forth, back) => {
        const pair = new Pair(how);
        const client = pair.connect();
        const answer = collect(client);
        for (const length of forth) client.write(text(length));
        client.end();
        pair.run(() => pair.accepted !== null);
        const request = collect(pair.accepted!);
        for (const length of back) pair.accepted!.write(text(length));
        pair.accepted!.end();
        pair.run(() => answer.closed !== null && request.closed !== null);

        expect(request.bytes).toEqual(forth.flatMap((length) => [...text(length)]));
        expect(answer.bytes).toEqual(back.flatMap((length) => [...text(length)]));
      }),
      { numRuns: 30 },
    );
  });
});
