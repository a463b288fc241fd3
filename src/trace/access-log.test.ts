import { beforeEach, describe, expect, test } from 'vitest';
import type { Region } from '../core/access.ts';
import { MmioSpace, PortSpace } from '../core/address-space.ts';
import { hex } from '../core/bits.ts';
import { AccessLog } from './access-log.ts';

/** Its description depends on the last write, as LCR determines the meaning of a UART's first port. */
class Chameleon implements Region {
  readonly name = 'chameleon';
  readonly size = 4;
  private meaning = 1;
  context = () => this.meaning;
  read = () => (this.meaning += 1);
  write = (_offset: number, value: number) => {
    this.meaning = value;
  };
  describe: NonNullable<Region['describe']> = ({ offset, value, write, context }) =>
    `meaning ${context} at ${offset} ${write ? '←' : '→'} ${value === null ? '?' : hex(value, 2)}`;
}

let lines: string[];
let ports: PortSpace;
let mmio: MmioSpace;
let now: number;

beforeEach(() => {
  lines = [];
  now = 0;
  const log = new AccessLog(
    (line) => lines.push(line),
    () => now,
  );
  ports = new PortSpace();
  mmio = new MmioSpace();
  ports.tap = mmio.tap = log;
  ports.map(0x3f8, new Chameleon(), 'subtractive');
  mmio.map(0xfebf_f000, new Chameleon());
});

describe('the access log', () => {
  test('has a line per access: time in microseconds, direction, address, width, value, meaning', () => {
    now = 12_300;
    ports.write(0x3f9, 0x83, 1);
    now = 1_000_000_001;
    mmio.write(0xfebf_f000, 5, 4);
    expect(lines).toEqual([
      '      12.300 out       03f9 1       83  meaning 1 at 1 ← 83',
      ' 1000000.001 write febff000 4 00000005  meaning 1 at 0 ← 05',
    ]);
  });

  test('shows a read’s value, and its meaning before', () => {
    ports.read(0x3f8, 1);
    mmio.read(0xfebf_f000, 2);
    expect(lines).toEqual([
      '       0.000 in        03f8 1       02  meaning 1 at 0 → 02',
      '       0.000 read  febff000 2     0002  meaning 1 at 0 → 02',
    ]);
  });

  test('shows a write’s meaning before the change', () => {
    ports.write(0x3f8, 7, 1);
    ports.write(0x3f8, 9, 1);
    expect(lines.map((line) => line.slice(40))).toEqual(['meaning 1 at 0 ← 07', 'meaning 7 at 0 ← 09']);
  });

  test('describes a write before it is done, and a read afterwards', () => {
    let state = 'before';
    const change = () => {
      state = 'after';
      return 0;
    };
    ports.map(0x60, { name: 'turn', size: 2, read: change, write: change, describe: () => state }, 'bridge');
    ports.write(0x60, 1, 1);
    state = 'before';
    ports.read(0x60, 1);
    expect(lines.map((line) => line.slice(40))).toEqual(['before', 'after']);
  });

  test('shows a region without a description, and an address without a region', () => {
    ports.map(0x80, { name: 'post', size: 1, read: () => 0, write: () => {} }, 'subtractive');
    ports.write(0x80, 1, 1);
    ports.read(0x81, 2);
    expect(lines.map((line) => line.slice(40))).toEqual(['post+0', 'no device answers']);
    expect(lines[1]).toContain('in        0081 2     ffff');
  });
});
