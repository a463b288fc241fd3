import { describe, expect, test } from 'vitest';
import { RESERVATION_TYPE as TYPE } from './reservations.ts';
import { hex, IN, members, OUT, STATUS } from './reserve-rig.ts';

describe('PREEMPT', () => {
  test("takes the reservation over from the holder's key, and its registration", () => {
    const [a, b] = members(2);
    a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE });

    b!.out(OUT.PREEMPT, { key: 2n, actionKey: 1n, scopeType: TYPE.EXCLUSIVE_ACCESS });

    expect([b!.keys, b!.write(), a!.hears, a!.read()]).toEqual([
      [2],
      STATUS.GOOD,
      '6/2a/05',
      STATUS.CONFLICT,
    ]);
  });

  test('only ends the registration if its key holds nothing, whatever type the CDB names', () => {
    const [a, b, c] = members(3);
    a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE });

    const { status } = b!.out(OUT.PREEMPT, { key: 2n, actionKey: 3n, scopeType: 0xff });

    expect([status, a!.keys, c!.hears, a!.write()]).toEqual([STATUS.GOOD, [1, 2], '6/2a/05', STATUS.GOOD]);
  });

  test('by the holder of its own key changes the type, and notifies the remaining registrants', () => {
    const [a, b] = members(2);
    a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE_REGISTRANTS_ONLY });

    a!.out(OUT.PREEMPT, { key: 1n, actionKey: 1n, scopeType: TYPE.WRITE_EXCLUSIVE });

    expect([a!.keys, b!.hears, b!.write()]).toEqual([[1, 2], '6/2a/04', STATUS.CONFLICT]);
  });

  test('of key 0 takes over from all registrants', () => {
    const [a, b, c] = members(3);
    a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE_ALL_REGISTRANTS });

    b!.out(OUT.PREEMPT, { key: 2n, actionKey: 0n, scopeType: TYPE.WRITE_EXCLUSIVE });

    expect([b!.keys, a!.hears, c!.hears]).toEqual([[2], '6/2a/05', '6/2a/05']);
  });

  test('of the last of all registrants ends what they held', () => {
    const [a] = members(1);
    a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE_ALL_REGISTRANTS });

    a!.out(OUT.PREEMPT, { key: 1n, actionKey: 1n });

    expect(hex(a!.in(IN.READ_RESERVATION).data)).toBe('0000000200000000');
  });

  test('of an unregistered key is a conflict', () => {
    const [a] = members(1);

    expect(a!.out(OUT.PREEMPT, { key: 1n, actionKey: 8n, scopeType: 1 }).status).toBe(STATUS.CONFLICT);
  });

  test('of key 0 is an invalid field unless all registrants hold', () => {
    const [a] = members(1);

    expect(a!.out(OUT.PREEMPT, { key: 1n, scopeType: 1 }).sense).toBe('5/26/00');
  });
});
