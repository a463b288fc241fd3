import { expect, test } from 'vitest';
import { gceN1 } from '../../machine/gce-n1.ts';
import { Bus } from './cpu.ts';
import { ScriptedPage } from './rig.ts';

const SCRATCH = 0x3ff;
const HOLE = 0xd000_0000;

function rig() {
  const machine = gceN1({ memory: { below4G: 16 << 20 }, disks: [], nics: [] });
  const seen: string[] = [];
  machine.observe({
    begin: () => {},
    end: ({ write, address, width, value }) =>
      void seen.push(`${address.toString(16)} ${write ? '←' : '→'} ${value.toString(16)} (${width})`),
  });
  const page = new ScriptedPage();
  return { machine, seen, page, bus: new Bus(page, machine.port) };
}

test('a port is written and read', () => {
  const { page, bus } = rig();

  page.io(true, SCRATCH, 1, [0x5a]);
  bus.io();
  page.io(false, SCRATCH, 1, [0]);
  bus.io();

  expect(page.answer(1)).toEqual([0x5a]);
});

test('an access to ports keeps its width', () => {
  const { page, bus, seen } = rig();

  page.io(true, 0xcf8, 4, [0, 0, 0, 0x80]);
  bus.io();
  page.io(false, 0xcfc, 4, [0, 0, 0, 0]);
  bus.io();
  page.io(false, 0xcfe, 2, [0, 0]);
  bus.io();

  expect(seen).toEqual(['cf8 ← 80000000 (4)', 'cfc → 12378086 (4)', 'cfe → 1237 (2)']);
  expect(page.answer(2)).toEqual([0x37, 0x12]);
});

test('a string is as many accesses as it has members', () => {
  const { page, bus, seen } = rig();

  page.io(true, SCRATCH, 1, [1, 2, 3]);
  bus.io();

  expect(seen).toEqual(['3ff ← 1 (1)', '3ff ← 2 (1)', '3ff ← 3 (1)']);
});

test.each([
  ['a byte', [1], ['d0000000 ← 1 (1)']],
  ['a word', [1, 2], ['d0000000 ← 201 (2)']],
  ['a doubleword', [1, 2, 3, 4], ['d0000000 ← 4030201 (4)']],
  ['a quadword', [1, 2, 3, 4, 5, 6, 7, 8], ['d0000000 ← 4030201 (4)', 'd0000004 ← 8070605 (4)']],
  ['three bytes, which a page cut', [1, 2, 3], ['d0000000 ← 1 (1)', 'd0000001 ← 302 (2)']],
  ['five of them', [1, 2, 3, 4, 5], ['d0000000 ← 1 (1)', 'd0000001 ← 5040302 (4)']],
])('memory that is no RAM takes %s', (_what, data, accesses) => {
  const { page, bus, seen } = rig();

  page.mmio(true, HOLE, data);
  bus.mmio();

  expect(seen).toEqual(accesses);
});

test('memory without a device reads as all ones', () => {
  const { page, bus } = rig();

  page.mmio(false, HOLE, [0, 0, 0, 0, 0, 0, 0, 0]);
  bus.mmio();

  expect(page.mmioAnswer(8)).toEqual(new Array(8).fill(0xff));
});

test('addresses may have more than 32 bits', () => {
  const { page, bus, seen } = rig();

  page.mmio(true, 0x12_3456_7890, [7]);
  bus.mmio();

  expect(seen).toEqual(['1234567890 ← 7 (1)']);
});
