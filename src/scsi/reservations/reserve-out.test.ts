import { describe, expect, test } from 'vitest';
import { RESERVATION_TYPE as TYPE } from './reservations.ts';
import { hex, IN, members, OUT, STATUS } from './reserve-rig.ts';

describe('a registrant', () => {
  test('is listed by its key, in order of registration, and counted', () => {
    const [a] = members(3);

    expect([a!.keys, a!.generation]).toEqual([[1, 2, 3], 3]);
  });

  test('may change its key by giving the old one', () => {
    const [a] = members(1);

    const { status } = a!.out(OUT.REGISTER, { key: 1n, actionKey: 9n });

    expect([status, a!.keys]).toEqual([STATUS.GOOD, [9]]);
  });

  test.each([
    ['a key that is not its own', 2n],
    ['no key', 0n],
  ])('and gives %s gets a conflict, and keeps its key', (_what, key) => {
    const [a] = members(1);

    const { status } = a!.out(OUT.REGISTER, { key, actionKey: 9n });

    expect([status, a!.keys, a!.generation]).toEqual([STATUS.CONFLICT, [1], 1]);
  });

  test('by REGISTER AND IGNORE EXISTING KEY need not know its own', () => {
    const [a] = members(1);

    a!.out(OUT.IGNORE, { key: 77n, actionKey: 9n });

    expect(a!.keys).toEqual([9]);
  });

  test('a key of 0 ends the registration, and counts only once', () => {
    const [a] = members(1);

    a!.out(OUT.REGISTER, { key: 1n });
    a!.out(OUT.REGISTER);
    a!.out(OUT.IGNORE);

    expect([a!.keys, a!.generation]).toEqual([[], 2]);
  });
});

describe('RESERVE', () => {
  test('again with the same type is good, with another a conflict', () => {
    const [a] = members(1);
    a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE });

    const again = [TYPE.WRITE_EXCLUSIVE, TYPE.EXCLUSIVE_ACCESS].map((scopeType) =>
      a!.out(OUT.RESERVE, { key: 1n, scopeType }),
    );

    expect(again.map(({ status }) => status)).toEqual([STATUS.GOOD, STATUS.CONFLICT]);
  });

  test('of a reservation held by another is a conflict, except among all registrants', () => {
    const [a, b] = members(2);
    a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE_REGISTRANTS_ONLY });
    const single = b!.out(OUT.RESERVE, { key: 2n, scopeType: TYPE.WRITE_EXCLUSIVE_REGISTRANTS_ONLY });
    a!.out(OUT.RELEASE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE_REGISTRANTS_ONLY });
    a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE_ALL_REGISTRANTS });
    b!.unit.takeAttention();

    const all = b!.out(OUT.RESERVE, { key: 2n, scopeType: TYPE.WRITE_EXCLUSIVE_ALL_REGISTRANTS });

    expect([single.status, all.status]).toEqual([STATUS.CONFLICT, STATUS.GOOD]);
  });
});

describe.each([
  ['RESERVE', OUT.RESERVE],
  ['RELEASE', OUT.RELEASE],
  ['CLEAR', OUT.CLEAR],
  ['PREEMPT', OUT.PREEMPT],
])('%s is a conflict', (_name, action) => {
  test.each([
    ['of an unregistered nexus', undefined],
    ['with a wrong key', 5n],
  ])('%s', (_what, key) => {
    const [a] = members(1);
    a!.out(OUT.REGISTER, { key: 1n, actionKey: key === undefined ? 0n : 6n });

    const { status } = a!.out(action, { key: key ?? 0n, actionKey: 1n, scopeType: TYPE.WRITE_EXCLUSIVE });

    expect([status, hex(a!.in(IN.READ_RESERVATION).data.subarray(4))]).toEqual([STATUS.CONFLICT, '00000000']);
  });
});

describe('RELEASE', () => {
  test('by another registrant changes nothing', () => {
    const [a, b] = members(2);
    a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE });

    const { status } = b!.out(OUT.RELEASE, { key: 2n, scopeType: TYPE.WRITE_EXCLUSIVE });

    expect([status, b!.write()]).toEqual([STATUS.GOOD, STATUS.CONFLICT]);
  });

  test('of another type than is held is an invalid release', () => {
    const [a] = members(1);
    a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE });

    expect(a!.out(OUT.RELEASE, { key: 1n, scopeType: TYPE.EXCLUSIVE_ACCESS }).sense).toBe('5/26/04');
  });

  test.each([
    ['no one, if only the holder could write', TYPE.WRITE_EXCLUSIVE, ''],
    ['the others that could write', TYPE.WRITE_EXCLUSIVE_REGISTRANTS_ONLY, '6/2a/04'],
  ])('notifies %s', (_whom, scopeType, heard) => {
    const [a, b] = members(2);
    a!.out(OUT.RESERVE, { key: 1n, scopeType });

    a!.out(OUT.RELEASE, { key: 1n, scopeType });

    expect([a!.hears, b!.hears]).toEqual(['', heard]);
  });

  test.each([
    ['its holder goes', TYPE.WRITE_EXCLUSIVE_REGISTRANTS_ONLY, 1, '00000000'],
    ['one of all that hold it goes', TYPE.WRITE_EXCLUSIVE_ALL_REGISTRANTS, 1, '00000010'],
    ['the last of all that hold it goes', TYPE.WRITE_EXCLUSIVE_ALL_REGISTRANTS, 2, '00000000'],
  ])('comes by itself, or not, when %s', (_who, scopeType, goes, length) => {
    const all = members(2);
    all[0]!.out(OUT.RESERVE, { key: 1n, scopeType });

    for (const [i, one] of all.slice(0, goes).entries()) one.out(OUT.REGISTER, { key: BigInt(i + 1) });

    expect(hex(all[0]!.in(IN.READ_RESERVATION).data.subarray(4, 8))).toBe(length);
  });
});

test('CLEAR ends all, and notifies the others', () => {
  const [a, b] = members(2);
  a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.EXCLUSIVE_ACCESS });

  b!.out(OUT.CLEAR, { key: 2n });

  expect([b!.keys, b!.generation, a!.hears, b!.hears, a!.write()]).toEqual([
    [],
    3,
    '6/2a/03',
    '',
    STATUS.GOOD,
  ]);
});
