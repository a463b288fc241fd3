import { describe, expect, test } from 'vitest';
import { CompletionRig } from './rig.ts';

/** Each takes two entries of the ring. */
const CHAINS = 8;
const ROOM = 64;

/** What the driver is told of chains with so much room each, all of it written. */
function lengths(legacy: boolean): number[] {
  const rig = new CompletionRig('split', { oddLengths: true }, { legacy });
  rig.offer(...new Array<number>(CHAINS).fill(ROOM));
  rig.finish(...rig.pop());
  return rig.used().map(({ length }) => length);
}

describe('lengths that mean nothing', () => {
  test('stand in some used entries by the legacy interface, and right ones beside them', () => {
    const odd = lengths(true).filter((length) => length !== ROOM);

    expect(odd.length).toBeGreaterThan(0);
    expect(odd.length).toBeLessThan(CHAINS);
    expect(odd.filter((length) => ![0, 1, 0x1000, 0xffff_ffff].includes(length))).toEqual([]);
  });

  test('stand in none by the modern interface', () => {
    expect(lengths(false)).toEqual(new Array<number>(CHAINS).fill(ROOM));
  });
});
