import { describe, expect, test } from 'vitest';
import { MemoryMedium } from '../media/memory.ts';
import { Command } from './command.ts';
import { ask } from './initiator-rig.ts';
import { LogicalUnit } from './logical-unit.ts';

const TEST_UNIT_READY = [0x00];
const REQUEST_SENSE = [0x03, 0, 0, 0, 18];
const REQUEST_SENSE_DESCRIPTOR = [0x03, 1, 0, 0, 18];
const INQUIRY = [0x12, 0, 0, 0, 36];
const REPORT_LUNS = [0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 16];

function newUnit() {
  return new LogicalUnit('disk0', new MemoryMedium(512 * 1024));
}

function send(unit: LogicalUnit, cdb: readonly number[], room = 0) {
  return ask((command) => unit.execute(command), new Command(), cdb, room);
}

describe('unit attention', () => {
  test('the power-on one is reported once, by the first command that may', () => {
    const unit = newUnit();
    const first = send(unit, TEST_UNIT_READY);
    const second = send(unit, TEST_UNIT_READY);
    expect([first.status, first.sense]).toEqual([2, '6/29/00']);
    expect([second.status, second.sense]).toEqual([0, '']);
  });

  test('INQUIRY and REPORT LUNS are executed and leave it pending', () => {
    const unit = newUnit();
    expect(send(unit, INQUIRY, 36).status).toBe(0);
    expect(send(unit, REPORT_LUNS, 16).status).toBe(0);
    expect(send(unit, TEST_UNIT_READY).sense).toBe('6/29/00');
  });

  test('REQUEST SENSE returns it as parameter data, with GOOD, and so clears it', () => {
    const unit = newUnit();
    const { status, data } = send(unit, REQUEST_SENSE, 18);
    expect(status).toBe(0);
    expect(Buffer.from(data).toString('hex')).toBe('700006000000000a00000000290000000000');
    expect(send(unit, TEST_UNIT_READY).status).toBe(0);
  });

  test('REQUEST SENSE gives the descriptor format when asked for it', () => {
    const { data } = send(newUnit(), REQUEST_SENSE_DESCRIPTOR, 18);
    expect(Buffer.from(data).toString('hex')).toBe('7206290000000000');
  });

  test('a refused REQUEST SENSE leaves it pending', () => {
    const unit = newUnit();
    expect(send(unit, [0x03, 2, 0, 0, 18], 18).sense).toBe('5/24/00');
    expect(send(unit, TEST_UNIT_READY).sense).toBe('6/29/00');
  });

  test('the command that reports it is not executed', () => {
    const unit = newUnit();
    const write = [0x0a, 0, 0, 0, 1];
    ask((command) => unit.execute(command), new Command(), write, 0, new Uint8Array(512).fill(7));
    expect(send(unit, [0x08, 0, 0, 0, 1], 512).data[0]).toBe(0);
  });

  test('several are reported one by one, a reset first, each once', () => {
    const unit = newUnit();
    send(unit, TEST_UNIT_READY);
    unit.attention(0x2a, 0x09);
    unit.attention(0x2a, 0x09);
    unit.attention(0x29, 0x02);
    const heard = [1, 2, 3].map(() => send(unit, TEST_UNIT_READY).sense);
    expect(heard).toEqual(['6/29/02', '6/2a/09', '']);
  });

  test('a reset drops what was pending and pends 29/00', () => {
    const unit = newUnit();
    unit.attention(0x2a, 0x09);
    unit.reset('soft');
    const heard = [1, 2].map(() => send(unit, TEST_UNIT_READY).sense);
    expect(heard).toEqual(['6/29/00', '']);
  });

  test('without one, REQUEST SENSE has nothing to report', () => {
    const unit = newUnit();
    send(unit, TEST_UNIT_READY);
    expect(send(unit, REQUEST_SENSE, 18).data[2]).toBe(0);
  });
});
