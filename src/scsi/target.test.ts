import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../media/memory.ts';
import { Command } from './command.ts';
import { ask } from './initiator-rig.ts';
import { LogicalUnit } from './logical-unit.ts';
import { Target } from './target.ts';

function newUnit() {
  return new LogicalUnit('disk', new MemoryMedium(512));
}

function targetWith(...luns: readonly number[]) {
  const target = new Target(1);
  for (const lun of luns) target.add(lun, newUnit());
  return target;
}

function send(target: Target, lun: number, cdb: readonly number[], room = 0) {
  const { data, ...answer } = ask((command) => target.execute(lun, command), new Command(), cdb, room);
  return { ...answer, hex: Buffer.from(data).toString('hex') };
}

const TEST_UNIT_READY = [0x00];
const reportLuns = (select: number) => [0xa0, 0, select, 0, 0, 0, 0, 0, 0, 64];

describe('a LUN that does not exist', () => {
  test.each([
    ['TEST UNIT READY', TEST_UNIT_READY, '5/25/00', ''],
    ['an unknown opcode', [0xff], '5/25/00', ''],
    // SPC-4, 6.6.2: qualifier 3 and type 1F, RESPONSE DATA FORMAT 2, and the 31 bytes that follow byte 4.
    ['INQUIRY', [0x12, 0, 0, 0, 36], '', `7f0000021f${'00'.repeat(31)}`],
    ['VPD 00', [0x12, 1, 0, 0, 255], '', '7f00000100'],
    ['VPD 83', [0x12, 1, 0x83, 0, 255], '5/24/00', ''],
    ['REQUEST SENSE', [0x03, 0, 0, 0, 18], '', '700005000000000a00000000250000000000'],
    ['REPORT LUNS', reportLuns(0), '', `0000000800000000${'00'.repeat(8)}`],
  ])('%s', (_what, cdb, sense, hex) => {
    const answer = send(targetWith(0), 5, cdb, 255);
    expect([answer.sense, answer.hex]).toEqual([sense, hex]);
  });
});

describe('REPORT LUNS', () => {
  test('lists ascending, in the flat form from 256 on', () => {
    const { hex } = send(targetWith(256, 0, 255), 0, reportLuns(2), 64);
    expect(hex).toBe(
      `0000001800000000${'0000'}${'0'.repeat(12)}${'00ff'}${'0'.repeat(12)}${'4100'}${'0'.repeat(12)}`,
    );
  });

  test('has no well-known units', () => {
    expect(send(targetWith(0), 0, reportLuns(1), 64).hex).toBe('0000000000000000');
  });

  test('another selection is an invalid field', () => {
    expect(send(targetWith(0), 0, reportLuns(3), 64).sense).toBe('5/24/00');
  });
});

describe('units come and go', () => {
  test('the initiator is notified by one unit that it knows', () => {
    const target = targetWith(0, 1);
    send(target, 0, TEST_UNIT_READY);
    send(target, 1, TEST_UNIT_READY);
    target.add(2, newUnit());
    const heard = [0, 1, 2].map((lun) => send(target, lun, TEST_UNIT_READY).sense);
    expect(heard).toEqual(['6/3f/0e', '', '6/29/00']);
  });

  test('REPORT LUNS makes that obsolete', () => {
    const target = targetWith(0, 1);
    send(target, 0, TEST_UNIT_READY);
    target.remove(1);
    send(target, 0, reportLuns(0), 64);
    expect(send(target, 0, TEST_UNIT_READY).sense).toBe('');
  });

  test('a new machine reports nothing but its power-on', () => {
    const target = targetWith(0, 1);
    const heard = [1, 2].map(() => send(target, 0, TEST_UNIT_READY).sense);
    expect(heard).toEqual(['6/29/00', '']);
  });

  test('a removed unit is an absent one', () => {
    const target = targetWith(0, 1);
    target.remove(1);
    expect(send(target, 1, TEST_UNIT_READY).sense).toBe('5/25/00');
  });
});

test('what cannot be added or removed is misuse', () => {
  const target = targetWith(0);
  expect(() => target.add(0, newUnit())).toThrow('target.lun must be a LUN that is free; got 0');
  expect(() => target.add(16384, newUnit())).toThrow('target.lun must be a LUN from 0 to 16383; got 16384');
  expect(() => target.remove(1)).toThrow('target.lun must be a LUN of this target; got 1');
});
