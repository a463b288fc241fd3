import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { Command } from '../command.ts';
import { ask } from '../initiator-rig.ts';
import { LogicalUnit } from '../logical-unit.ts';
import { COMMANDS } from './table.ts';

const ROOM = 1024;

function report(options: number, operation = 0, action = 0) {
  const unit = new LogicalUnit('disk0', new MemoryMedium(512));
  unit.takeAttention();
  const cdb = [0xa3, 0x0c, options, operation, 0, action, 0, 0, ROOM >> 8, ROOM & 0xff];
  const { sense, data } = ask((command) => unit.execute(command), new Command(), cdb, ROOM);
  return { sense, data: Buffer.from(data) };
}

describe('all commands', () => {
  test('each row of the table is listed in eight bytes', () => {
    const { data } = report(0);
    expect(data.readUInt32BE(0)).toBe(8 * COMMANDS.operations.length);
    expect(data.length).toBe(4 + 8 * COMMANDS.operations.length);
  });

  test('a service action is marked valid', () => {
    const { data } = report(0);
    const at = data.indexOf(Buffer.from('9e000010', 'hex'));
    expect(data.subarray(at, at + 8).toString('hex')).toBe('9e00001000010010');
  });

  test('with timeouts each row is followed by an empty timeouts descriptor', () => {
    const { data } = report(0x80);
    // TEST UNIT READY, the first: CTDP, 6 bytes; then length 10, no timeouts.
    expect(data.subarray(4, 24).toString('hex')).toBe('0000000000020006' + '000a00000000000000000000');
    expect(data.length).toBe(4 + 20 * COMMANDS.operations.length);
  });
});

describe('one command', () => {
  test('as Linux asks for INQUIRY: supported, with its usage map', () => {
    expect(report(1, 0x12).data.toString('hex')).toBe('00030006' + '1201ffffff00');
  });

  test('the usage map of READ(10) has neither DPO nor FUA, as DPOFUA is 0', () => {
    expect(report(1, 0x28).data.toString('hex')).toBe('0003000a' + '2800ffffffff00ffff00');
  });

  test('the service action stands literally in the usage map', () => {
    expect(report(2, 0x9e, 0x10).data.toString('hex')).toBe('00030010' + '9e100000000000000000ffffffff0000');
  });

  test('WRITE SAME(16), which is missing, is no error but not supported', () => {
    const { sense, data } = report(1, 0x93);
    expect(sense).toBe('');
    expect(data.toString('hex')).toBe('00010000');
  });

  test('either form finds plain and service action commands, and no others', () => {
    const support = [report(3, 0x12), report(3, 0x9e, 0x10), report(3, 0x9e, 0x12), report(3, 0x12, 1)];
    expect(support.map(({ data }) => data[1])).toEqual([3, 3, 1, 1]);
  });

  test('with timeouts the descriptor follows the usage map', () => {
    const { data } = report(0x81, 0x00);
    expect(data.toString('hex')).toBe('00830006' + '000000000000' + '000a00000000000000000000');
  });

  test.each([
    ['opcode alone where there are service actions', 1, 0x9e],
    ['a service action where there is none', 2, 0x12],
    ['a reserved reporting option', 4, 0x12],
  ])('%s is an invalid field', (_what, options, operation) => {
    expect(report(options, operation).sense).toBe('5/24/00');
  });
});
