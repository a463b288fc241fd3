import { describe, expect, test } from 'vitest';
import { members, OUT } from './reserve-rig.ts';

describe('a wrong field is reported by its name', () => {
  const ILLEGAL_CDB = '5/24/00';
  const ILLEGAL_LIST = '5/26/00';

  test.each([
    ['IN with service action 4', [0x5e, 4], ILLEGAL_CDB],
    ['IN with a reserved byte', [0x5e, 0, 1], ILLEGAL_CDB],
    ['OUT with PREEMPT AND ABORT', [0x5f, 5, 1, 0, 0, 0, 0, 0, 24], ILLEGAL_CDB],
    ['OUT with REGISTER AND MOVE', [0x5f, 7, 0, 0, 0, 0, 0, 0, 24], ILLEGAL_CDB],
    ['OUT with a reserved byte', [0x5f, 0, 0, 1, 0, 0, 0, 0, 24], ILLEGAL_CDB],
    ['a list of 23 bytes', [0x5f, 0, 0, 0, 0, 0, 0, 0, 23], '5/1a/00'],
    ['a list of 16 MiB and 24 bytes', [0x5f, 0, 0, 0, 0, 1, 0, 0, 24], '5/1a/00'],
    ['no list', [0x5f, 0], '5/1a/00'],
  ])('%s', (_what, cdb, sense) => {
    const [a] = members(1);

    expect([a!.send(cdb, 0, new Uint8Array(24)).sense, a!.generation]).toEqual([sense, 1]);
  });

  test.each([
    ['a scope that is not the logical unit', OUT.RESERVE, { scopeType: 0x11 }, ILLEGAL_CDB],
    ['type 0', OUT.RESERVE, { scopeType: 0 }, ILLEGAL_CDB],
    ['type 2', OUT.RESERVE, { scopeType: 2 }, ILLEGAL_CDB],
    ['type 9', OUT.RESERVE, { scopeType: 9 }, ILLEGAL_CDB],
    ['further initiator ports', OUT.REGISTER, { flags: 0x08, actionKey: 2n }, ILLEGAL_LIST],
    ['all target ports', OUT.REGISTER, { flags: 0x04, actionKey: 2n }, ILLEGAL_LIST],
    ['all target ports, ignoring keys', OUT.IGNORE, { flags: 0x04, actionKey: 2n }, ILLEGAL_LIST],
  ])('%s', (_what, action, said, sense) => {
    const [a] = members(1);

    expect([a!.out(action, { key: 1n, ...said }).sense, a!.keys]).toEqual([sense, [1]]);
  });

  test('a list shorter than in the CDB is not executed', () => {
    const [a] = members(1);

    a!.send([0x5f, 0, 0, 0, 0, 0, 0, 0, 24], 0, new Uint8Array(16));

    expect(a!.keys).toEqual([1]);
  });
});
