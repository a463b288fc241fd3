import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { Reservations, RESERVATION_TYPE as TYPE } from './reservations.ts';
import { hex, IN, Member, members, OUT, STATUS } from './reserve-rig.ts';

// Service actions and flags that Google's documentation does not list: of disks with all commands.

const [SPEC_I_PT, ALL_TG_PT] = [0x08, 0x04];
const UNREG = 0x02;
const ILLEGAL_LIST = '5/26/00';
const hasHolder = (member: Member) => hex(member.in(IN.READ_RESERVATION).data.subarray(8, 16));

describe('what REPORT CAPABILITIES says is what is served', () => {
  test.each<[commands: 'gce' | 'all', flags: string, named: string, everywhere: string]>([
    ['gce', '01', ILLEGAL_LIST, ILLEGAL_LIST],
    ['all', '0d', '', ''],
  ])('with commands %s', (commands, flags, named, everywhere) => {
    const [a] = members(1, commands);
    a!.out(OUT.REGISTER, { key: 1n });
    const registers = (more: object) => {
      const { sense } = a!.out(OUT.REGISTER, { actionKey: 1n, ...more });
      a!.out(OUT.IGNORE);
      return sense;
    };

    expect(hex(a!.in(IN.REPORT_CAPABILITIES).data.subarray(2, 3))).toBe(flags);
    expect([registers({ flags: SPEC_I_PT }), registers({ flags: ALL_TG_PT })]).toEqual(
      commands === 'all' ? ['5/1a/00', everywhere] : [named, everywhere],
    );
  });

  test.each([4, 0x1f])('and service action %i of IN is an invalid field', (action) => {
    const [a] = members(1, 'all');

    expect(a!.in(action).sense).toBe('5/24/00');
  });

  test.each([8, 0x1f])('and so is %i of OUT', (action) => {
    const [a] = members(1, 'all');

    expect(a!.out(action, { key: 1n }).sense).toBe('5/24/00');
  });
});

describe('SPEC_I_PT', () => {
  /** Three machines, of which none is registered. */
  function strangers(): Member[] {
    const [medium, reservations] = [new MemoryMedium(64 * 512), new Reservations()];
    return [1, 2, 3].map(() => new Member(medium, reservations, 'all'));
  }

  test('registers the nexuses that are named with the own one, and counts once', () => {
    const [a] = strangers();

    a!.out(OUT.REGISTER, { actionKey: 7n, flags: SPEC_I_PT, named: [3, 2] });

    expect([a!.keys, a!.generation]).toEqual([[7, 7, 7], 1]);
  });

  test('leaves the key of a nexus that is registered', () => {
    const [a, b] = strangers();
    b!.out(OUT.REGISTER, { actionKey: 2n });

    a!.out(OUT.REGISTER, { actionKey: 7n, flags: SPEC_I_PT, named: [2, 3] });

    expect(a!.keys).toEqual([2, 7, 7]);
  });

  test.each<[what: string, action: number, said: object]>([
    ['with an initiator that is not there', OUT.REGISTER, { named: [2, 9] }],
    ['by REGISTER AND IGNORE EXISTING KEY', OUT.IGNORE, {}],
  ])('%s registers none', (_what, action, said) => {
    const [a] = strangers();

    const { sense } = a!.out(action, { actionKey: 7n, flags: SPEC_I_PT, ...said });

    expect([sense, a!.keys]).toEqual([ILLEGAL_LIST, []]);
  });

  test('of a nexus that is registered changes nothing', () => {
    const [a] = strangers();
    a!.out(OUT.REGISTER, { actionKey: 1n });

    const { sense } = a!.out(OUT.REGISTER, { key: 1n, actionKey: 7n, flags: SPEC_I_PT, named: [2] });

    expect([sense, a!.keys]).toEqual([ILLEGAL_LIST, [1]]);
  });

  test('with a length that is not that of its TransportIDs is an error', () => {
    const [a] = strangers();
    const list = new Uint8Array(28 + 24);
    list.set([SPEC_I_PT, 0, 0, 0, 0, 0, 0, 48], 20);

    expect(a!.sendList(OUT.REGISTER, 0, list).sense).toBe(ILLEGAL_LIST);
  });

  test('without TransportIDs behind a list that goes on is an error of its length', () => {
    const [a] = strangers();

    expect(a!.out(OUT.REGISTER, { actionKey: 1n, named: [2] }).sense).toBe('5/1a/00');
  });
});

test('ALL_TG_PT is told of by READ FULL STATUS, until the registration ends', () => {
  const [a] = members(1, 'all');
  const flagsOf = () => hex(a!.in(IN.READ_FULL_STATUS).data.subarray(20, 21));
  a!.out(OUT.REGISTER, { key: 1n, actionKey: 2n, flags: ALL_TG_PT });
  const everywhere = flagsOf();
  a!.out(OUT.REGISTER, { key: 2n });
  a!.out(OUT.REGISTER, { actionKey: 1n });

  expect([everywhere, flagsOf()]).toEqual(['02', '00']);
});

describe('PREEMPT AND ABORT', () => {
  test('takes over as PREEMPT does, and ends the commands of those that are preempted', () => {
    const [a, b, c] = members(3, 'all');
    a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE });

    b!.out(OUT.ABORT, { key: 2n, actionKey: 1n, scopeType: TYPE.WRITE_EXCLUSIVE });

    expect([b!.keys, a!.hears, a!.ended, b!.ended, c!.ended]).toEqual([[2, 3], '6/2a/05', [false], [], []]);
  });

  test('that is a conflict ends none', () => {
    const [a, b] = members(2, 'all');

    const { status } = b!.out(OUT.ABORT, { key: 9n, actionKey: 1n, scopeType: TYPE.WRITE_EXCLUSIVE });

    expect([status, a!.ended]).toEqual([STATUS.CONFLICT, []]);
  });
});

test('PREEMPT ends no command', () => {
  const [a, b] = members(2, 'all');

  b!.out(OUT.PREEMPT, { key: 2n, actionKey: 1n });

  expect(a!.ended).toEqual([]);
});

describe('REGISTER AND MOVE', () => {
  /** The first of three machines holds; the last is not registered. */
  function setUp(scopeType: number = TYPE.WRITE_EXCLUSIVE): Member[] {
    const all = members(3, 'all');
    all[2]!.out(OUT.REGISTER, { key: 3n });
    all[0]!.out(OUT.RESERVE, { key: 1n, scopeType });
    return all;
  }

  test('registers another nexus, which holds the reservation from then on', () => {
    const [a, , c] = setUp();

    a!.move(3, { key: 1n, actionKey: 9n });

    expect([a!.keys, hasHolder(a!), c!.write(), a!.write()]).toEqual([
      [1, 2, 9],
      '0000000000000009',
      STATUS.GOOD,
      STATUS.CONFLICT,
    ]);
  });

  test('gives one that is registered another key, and with UNREG forgets its own', () => {
    const [a, b] = setUp();

    a!.move(2, { key: 1n, actionKey: 9n, flags: UNREG });

    expect([b!.keys, hasHolder(b!), b!.generation]).toEqual([[9], '0000000000000009', 5]);
  });

  test.each<[what: string, to: number, said: object, sense: string]>([
    ['itself', 1, {}, ILLEGAL_LIST],
    ['an initiator that is not there', 8, {}, ILLEGAL_LIST],
    ['a port that is not there', 2, { port: 2 }, ILLEGAL_LIST],
    ['a key of 0', 2, { actionKey: 0n }, ILLEGAL_LIST],
    ['a TransportID of another length', 2, { length: 48 }, ILLEGAL_LIST],
  ])('to %s is an error', (_what, to, said, sense) => {
    const [a] = setUp();

    expect([a!.move(to, { key: 1n, actionKey: 9n, ...said }).sense, hasHolder(a!)]).toEqual([
      sense,
      '0000000000000001',
    ]);
  });

  test('of a nexus that does not hold, with a wrong key, or among all registrants is a conflict', () => {
    const [a, b] = setUp();
    const [each] = setUp(TYPE.WRITE_EXCLUSIVE_ALL_REGISTRANTS);

    const statuses = [
      b!.move(1, { key: 2n, actionKey: 9n }),
      a!.move(2, { key: 5n, actionKey: 9n }),
      each!.move(2, { key: 1n, actionKey: 9n }),
    ].map(({ status }) => status);

    expect(statuses).toEqual([STATUS.CONFLICT, STATUS.CONFLICT, STATUS.CONFLICT]);
  });

  test('without a reservation is an invalid field', () => {
    const [a] = members(2, 'all');

    expect(a!.move(2, { key: 1n, actionKey: 9n }).sense).toBe('5/24/00');
  });
});

describe('task management by one machine', () => {
  test('resets the unit of the others, whose commands end by that', () => {
    const [a, b] = members(2, 'all');

    a!.unit.reset('soft');

    expect([b!.ended, b!.hears, b!.keys]).toEqual([[true], '6/29/00', [1, 2]]);
  });

  test('clears the task set of the others, which hear of it', () => {
    const [a, b] = members(2, 'all');

    a!.unit.tasksCleared();

    expect([b!.ended, b!.hears, a!.hears]).toEqual([[false], '6/2f/00', '']);
  });

  test('clears it silently for one that had no command there', () => {
    const [a, b] = members(2, 'all');
    b!.unit.endTasks = () => 0;

    a!.unit.tasksCleared();

    expect(b!.hears).toBe('');
  });
});

test.each([
  ['a stop', [0x1b, 0, 0, 0, 0], STATUS.CONFLICT],
  ['a start', [0x1b, 0, 0, 0, 1], STATUS.GOOD],
  ['PREVENT', [0x1e, 0, 0, 0, 1], STATUS.CONFLICT],
  ['ALLOW', [0x1e, 0, 0, 0, 0], STATUS.GOOD],
  ['a self-test', [0x1d, 4], STATUS.CONFLICT],
  ['REPORT SUPPORTED OPERATION CODES', [0xa3, 0x0c, 0, 0, 0, 0, 0, 0, 0, 4], STATUS.GOOD],
])('beside a reservation of another, write exclusive, %s is barred or not', (_what, cdb, status) => {
  const [a, b] = members(2, 'all');
  a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE });

  expect(b!.send(cdb, 4).status).toBe(status);
});

test('beside a reservation of another, exclusive access, GET LBA STATUS is barred, and READ CAPACITY(16) not', () => {
  const [a, b] = members(2, 'all');
  a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.EXCLUSIVE_ACCESS });
  const send = (action: number) => b!.send([0x9e, action, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32], 32).status;

  expect([send(0x12), send(0x10)]).toEqual([STATUS.CONFLICT, STATUS.GOOD]);
});
