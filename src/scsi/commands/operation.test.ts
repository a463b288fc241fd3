import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../../media/memory.ts';
import { Command } from '../command.ts';
import { ask } from '../initiator-rig.ts';
import { LogicalUnit } from '../logical-unit.ts';
import { COMMANDS } from './table.ts';

function readyUnit() {
  const unit = new LogicalUnit('disk0', new MemoryMedium(1024 * 512));
  unit.takeAttention();
  return unit;
}

/** Sends a CDB and returns the sense triple, and bytes 15 to 17, the field pointer. */
function refusal(cdb: readonly number[]) {
  const unit = readyUnit();
  const command = new Command();
  const { sense } = ask((one) => unit.execute(one), command, cdb, 512, new Uint8Array(512));
  return `${sense} ${Buffer.from(command.sense.subarray(15, 18)).toString('hex')}`;
}

describe('a CDB is checked against the usage map', () => {
  // Pointer: c8 = SKSV, in the CDB, bit pointer valid; low three bits the bit; then the byte.
  test.each([
    ['an opcode that is not there', [0x04], '5/20/00 000000'],
    ['READ(32), a variable length CDB', [0x7f], '5/20/00 000000'],
    ['a service action that is not there', [0x9e, 0x12], '5/24/00 cc0001'],
    ['NACA', [0x00, 0, 0, 0, 0, 0x04], '5/24/00 ca0005'],
    ['LINK', [0x00, 0, 0, 0, 0, 0x01], '5/24/00 c80005'],
    ['a reserved byte', [0x00, 0, 0x10], '5/24/00 cc0002'],
    ['RDPROTECT', [0x28, 0x20, 0, 0, 0, 0, 0, 0, 1], '5/24/00 cd0001'],
    ['DPO on READ(10)', [0x28, 0x10, 0, 0, 0, 0, 0, 0, 1], '5/24/00 cc0001'],
    ['FUA on READ(16)', [0x88, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '5/24/00 cb0001'],
    ['FUA on WRITE(12)', [0xaa, 0x08, 0, 0, 0, 0, 0, 0, 0, 1], '5/24/00 cb0001'],
    ['WRPROTECT on WRITE(10)', [0x2a, 0xe0, 0, 0, 0, 0, 0, 0, 1], '5/24/00 cf0001'],
    ['a group number', [0x28, 0, 0, 0, 0, 0, 1, 0, 1], '5/24/00 c80006'],
    ['CmdDt of INQUIRY', [0x12, 2, 0, 0, 36], '5/24/00 c90001'],
    ['an LBA in READ CAPACITY(10)', [0x25, 0, 0, 0, 0, 1], '5/24/00 c80005'],
    ['PMI in READ CAPACITY(16)', [0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 1], '5/24/00 c8000e'],
    ['ANCHOR of UNMAP', [0x42, 1], '5/24/00 c80001'],
  ])('%s is refused', (_what, cdb, expected) => {
    expect(refusal(cdb)).toBe(expected);
  });

  test('bytes after the CDB are ignored', () => {
    expect(refusal([0x00, 0, 0, 0, 0, 0, 0xff, 0xff])).toBe(' 000000');
  });
});

test('no two rows of the table share opcode and service action', () => {
  const names = COMMANDS.operations.map(({ usage, action }) => `${usage[0]}/${action}`);
  expect(new Set(names).size).toBe(names.length);
});

test('the CDB length of each row is the one of its opcode group', () => {
  // SPC-4 4.2.5.1: the top three bits of the opcode.
  const byGroup = [6, 10, 10, 0, 16, 12];
  const wrong = COMMANDS.operations.filter(({ usage }) => byGroup[usage[0]! >> 5] !== usage.length);
  expect(wrong.map(({ name }) => name)).toEqual([]);
});
