import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { Command } from '../command.ts';
import { ask } from '../initiator-rig.ts';
import { LogicalUnit } from '../logical-unit.ts';
import { Reservations, RESERVATION_TYPE as TYPE } from './reservations.ts';
import { hex, IN, Member, members, OUT, STATUS } from './reserve-rig.ts';

describe('a disk of one machine', () => {
  test.each([[0x5e], [0x5f]])('has no command %i', (operation) => {
    const unit = new LogicalUnit('disk0', new MemoryMedium(64 * 512));
    unit.takeAttention();

    const { sense } = ask((command) => unit.execute(command), new Command(), [operation], 0);

    expect(sense).toBe('5/20/00');
  });
});

describe.each([
  ['write exclusive', TYPE.WRITE_EXCLUSIVE, [STATUS.CONFLICT, STATUS.CONFLICT], [STATUS.GOOD, STATUS.GOOD]],
  [
    'exclusive access',
    TYPE.EXCLUSIVE_ACCESS,
    [STATUS.CONFLICT, STATUS.CONFLICT],
    [STATUS.CONFLICT, STATUS.CONFLICT],
  ],
  [
    'write exclusive, registrants only',
    TYPE.WRITE_EXCLUSIVE_REGISTRANTS_ONLY,
    [STATUS.GOOD, STATUS.CONFLICT],
    [STATUS.GOOD, STATUS.GOOD],
  ],
  ['exclusive access, registrants only', 6, [STATUS.GOOD, STATUS.CONFLICT], [STATUS.GOOD, STATUS.CONFLICT]],
  [
    'write exclusive, all registrants',
    TYPE.WRITE_EXCLUSIVE_ALL_REGISTRANTS,
    [STATUS.GOOD, STATUS.CONFLICT],
    [STATUS.GOOD, STATUS.GOOD],
  ],
  ['exclusive access, all registrants', 8, [STATUS.GOOD, STATUS.CONFLICT], [STATUS.GOOD, STATUS.CONFLICT]],
])('a reservation of type %s', (_name, scopeType, writes, reads) => {
  const [holder, registered, stranger] = members(3);
  stranger!.out(OUT.REGISTER, { key: 3n });
  holder!.out(OUT.RESERVE, { key: 1n, scopeType });

  test('allows everything to the holder', () => {
    expect([holder!.write(), holder!.read()]).toEqual([STATUS.GOOD, STATUS.GOOD]);
  });

  test('allows writing only to the right nexuses', () => {
    expect([registered, stranger].map((one) => one!.write())).toEqual(writes);
  });

  test('allows unmapping and flushing to those that may write', () => {
    const unmap = [0x42, 0, 0, 0, 0, 0, 0, 0, 0];

    expect([registered, stranger].map((one) => one!.send(unmap).status)).toEqual(writes);
    expect([registered, stranger].map((one) => one!.send([0x35]).status)).toEqual(writes);
  });

  test('allows reading only to the right nexuses', () => {
    expect([registered, stranger].map((one) => one!.read())).toEqual(reads);
    expect([registered, stranger].map((one) => one!.send([0x1a, 0, 0x3f, 0, 64], 64).status)).toEqual(reads);
  });

  test.each([
    ['TEST UNIT READY', [0x00]],
    ['INQUIRY', [0x12, 0, 0, 0, 96]],
    ['READ CAPACITY(10)', [0x25]],
    ['REPORT LUNS', [0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16]],
    ['READ KEYS', [0x5e, IN.READ_KEYS, 0, 0, 0, 0, 0, 0, 8]],
  ])('allows every nexus to send %s', (_command, cdb) => {
    expect(stranger!.send(cdb, 96).status).toBe(STATUS.GOOD);
  });

  test('is reported by READ RESERVATION', () => {
    const key = scopeType >= TYPE.WRITE_EXCLUSIVE_ALL_REGISTRANTS ? 0 : 1;
    const said = `00000004000000100000000000000${key.toString().padStart(3, '0')}0000000000${hex(Uint8Array.of(scopeType))}0000`;

    expect(hex(stranger!.in(IN.READ_RESERVATION).data)).toBe(said);
  });
});

describe('PERSISTENT RESERVE IN', () => {
  test('reports all types, and APTPL once it was requested', () => {
    const [a] = members(1);
    const before = hex(a!.in(IN.REPORT_CAPABILITIES).data);

    a!.out(OUT.IGNORE, { actionKey: 1n, flags: 0x01 });

    expect([before, hex(a!.in(IN.REPORT_CAPABILITIES).data)]).toEqual([
      '00080180ea010000',
      '00080181ea010000',
    ]);
  });

  test('is cut at the allocation length, which is no error', () => {
    const [a] = members(2);

    expect(hex(a!.in(IN.READ_KEYS, 12).data)).toBe('000000020000001000000000');
  });

  test('reports for every registration whether it holds', () => {
    const [, b] = members(2);
    b!.out(OUT.RESERVE, { key: 2n, scopeType: TYPE.EXCLUSIVE_ACCESS });

    const said = hex(b!.in(IN.READ_FULL_STATUS).data).slice(16);

    expect(
      said.match(/.{96}/g)!.map((one) => [one.slice(0, 16), one.slice(24, 28), one.slice(36, 48)]),
    ).toEqual([
      ['0000000000000001', '0000', '000100000018'],
      ['0000000000000002', '0103', '000100000018'],
    ]);
  });
});

describe('a reservation conflict', () => {
  test('leaves a unit attention pending', () => {
    const [a, b] = members(2);
    a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.EXCLUSIVE_ACCESS });
    b!.unit.attention(0x2a, 0x09);

    expect([b!.read(), b!.hears]).toEqual([STATUS.CONFLICT, '6/2a/09']);
  });

  test('remains after the holder is reset or closed', () => {
    const [a, b] = members(2);
    a!.out(OUT.RESERVE, { key: 1n, scopeType: TYPE.WRITE_EXCLUSIVE });

    a!.unit.reset('power');
    a!.unit.close();
    b!.unit.takeAttention();

    expect([b!.write(), b!.keys]).toEqual([STATUS.CONFLICT, [1, 2]]);
  });

  test('never occurs for a nexus that was only added', () => {
    const one = new Member(new MemoryMedium(64 * 512), new Reservations());

    expect(one.write()).toBe(STATUS.GOOD);
  });
});
