import { describe, expect, test } from 'vitest';
import { CompletionRig } from './rig.ts';

/** Each takes two entries of the ring. */
const CHAINS = 8;
const ROOM = 64;

/** The used lengths of chains with this much room each, all of it written. */
function lengths(legacy: boolean): number[] {
  const rig = new CompletionRig('split', { oddLengths: true }, { legacy });
  rig.offer(...new Array<number>(CHAINS).fill(ROOM));
  rig.finish(...rig.pop());
  return rig.used().map(({ length }) => length);
}

describe('meaningless lengths', () => {
  test('are in some used entries of the legacy interface, among right ones', () => {
    const odd = lengths(true).filter((length) => length !== ROOM);

    expect(odd.length).toBeGreaterThan(0);
    expect(odd.length).toBeLessThan(CHAINS);
    expect(odd.filter((length) => ![0, 1, 0x1000, 0xffff_ffff].includes(length))).toEqual([]);
  });

  test('are in none of the modern interface', () => {
    expect(lengths(false)).toEqual(new Array<number>(CHAINS).fill(ROOM));
  });
});
