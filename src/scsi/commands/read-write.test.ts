import { describe, expect, test } from 'vitest';
import type { Medium } from '../../media/medium.ts';
import { MemoryMedium } from '../../media/memory.ts';
import { Command } from '../command.ts';
import { ask } from '../initiator-rig.ts';
import { LogicalUnit } from '../logical-unit.ts';

/** 2 TiB and 16 blocks: some blocks need the 16-byte forms. */
const BLOCKS = 2 ** 32 + 16;
const BLOCK = 512;

function readyUnit(medium: Medium = new MemoryMedium(BLOCKS * BLOCK)) {
  const unit = new LogicalUnit('disk0', medium);
  unit.takeAttention();
  return unit;
}

function send(unit: LogicalUnit, cdb: readonly number[], room = 0, out?: Uint8Array) {
  const command = new Command();
  return { command, ...ask((one) => unit.execute(one), command, cdb, room, out) };
}

/** A medium with one bad block, on which every access fails. Each block holds its number. */
function withBadBlock(bad: number): Medium {
  const good = MemoryMedium.from(Uint8Array.from({ length: 64 * BLOCK }, (_, i) => i / BLOCK));
  const touches = (offset: number, length: number) =>
    offset < (bad + 1) * BLOCK && bad * BLOCK < offset + length;
  return {
    blocks: good.blocks,
    readOnly: false,
    read: (offset, into, at, length) => !touches(offset, length) && good.read(offset, into, at, length),
    write: (offset, from, at, length) => !touches(offset, length) && good.write(offset, from, at, length),
    unmap: (offset, length) => !touches(offset, length) && good.unmap(offset, length),
    flush: () => false,
    close: () => {},
  };
}

const WRITES = {
  6: [0x0a, 0, 0, 5, 1],
  10: [0x2a, 0, 0, 0, 0, 5, 0, 0, 1],
  12: [0xaa, 0, 0, 0, 0, 5, 0, 0, 0, 1],
  16: [0x8a, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1],
} as const;
const READS = {
  6: [0x08, 0, 0, 5, 1],
  10: [0x28, 0, 0, 0, 0, 5, 0, 0, 1],
  12: [0xa8, 0, 0, 0, 0, 5, 0, 0, 0, 1],
  16: [0x88, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 1],
} as const;

describe.each([6, 10, 12, 16] as const)('the %d byte forms', (form) => {
  test('read what was written to block 5', () => {
    const unit = readyUnit();
    const block = Uint8Array.from({ length: BLOCK }, (_, i) => i * 3);
    const written = send(unit, WRITES[form], 0, block);
    const { status, data } = send(unit, READS[form], BLOCK);
    expect([written.command.transferred, status]).toEqual([BLOCK, 0]);
    expect(data).toEqual(block);
    expect(send(unit, READS[16], BLOCK).data).toEqual(block);
  });
});

test('READ(6) of 0 blocks reads 256, and its LBA has 21 bits', () => {
  const unit = readyUnit();
  send(unit, [0x8a, 0, 0, 0, 0, 0, 0, 0x1f, 0xff, 0xff, 0, 0, 0, 1], 0, new Uint8Array(BLOCK).fill(9));
  const { data } = send(unit, [0x08, 0x1f, 0xff, 0xff, 0], 256 * BLOCK);
  expect([data.length, data[0], data[BLOCK]]).toEqual([256 * BLOCK, 9, 0]);
});

test('READ(16) reaches past the 32nd bit', () => {
  const unit = readyUnit();
  const last = [0, 0, 0, 1, 0, 0, 0, 15, 0, 0, 0, 1];
  send(unit, [0x8a, 0, ...last], 0, new Uint8Array(BLOCK).fill(4));
  expect(send(unit, [0x88, 0, ...last], BLOCK).data[511]).toBe(4);
});

describe('ranges', () => {
  const read16 = (lba: readonly number[], blocks: number) => [
    0x88,
    0,
    ...lba,
    0,
    0,
    blocks >> 8,
    blocks & 0xff,
  ];
  test.each([
    ['the last block', read16([0, 0, 0, 1, 0, 0, 0, 15], 1), ''],
    ['one block too many', read16([0, 0, 0, 1, 0, 0, 0, 15], 2), '5/21/00'],
    ['no blocks behind the last', read16([0, 0, 0, 1, 0, 0, 0, 17], 0), '5/21/00'],
    ['no blocks at 2^64 - 1', read16([255, 255, 255, 255, 255, 255, 255, 255], 0), '5/21/00'],
    ['no blocks at 0', read16([0, 0, 0, 0, 0, 0, 0, 0], 0), ''],
    ['512 blocks, the maximum transfer length', read16([0, 0, 0, 0, 0, 0, 0, 0], 512), ''],
    ['513 blocks', read16([0, 0, 0, 0, 0, 0, 0, 0], 513), '5/24/00'],
  ])('%s', (_what, cdb, expected) => {
    expect(send(readyUnit(), cdb, 513 * BLOCK).sense).toBe(expected);
  });
});

describe('buffers and the CDB disagree', () => {
  test('a longer buffer keeps its remaining bytes', () => {
    const { command, data } = send(readyUnit(), READS[10], 2 * BLOCK);
    expect([data.length, command.expected, command.overrun]).toEqual([BLOCK, BLOCK, false]);
  });

  test('a shorter one is an overrun, and nothing is moved', () => {
    const { command, status } = send(readyUnit(), READS[10], BLOCK - 1);
    expect([status, command.overrun, command.expected, command.transferred]).toEqual([0, true, BLOCK, 0]);
  });

  test('a WRITE without data writes nothing', () => {
    const unit = readyUnit();
    send(unit, WRITES[10], 0, new Uint8Array(BLOCK).fill(1));
    const { command } = send(unit, WRITES[10], BLOCK);
    expect(command.overrun).toBe(true);
    expect(send(unit, READS[10], BLOCK).data[0]).toBe(1);
  });

  test('an error in the CDB comes before an overrun', () => {
    const { command, sense } = send(readyUnit(), [0x28, 0x08, 0, 0, 0, 5, 0, 0, 1], 0);
    expect([sense, command.overrun]).toEqual(['5/24/00', false]);
  });
});

test('segments of odd sizes are one transfer, and adjacent ones are one call', () => {
  const calls: number[] = [];
  const medium = new MemoryMedium(64 * BLOCK);
  const watched: Medium = {
    blocks: medium.blocks,
    readOnly: false,
    read: (offset, into, at, length) => calls.push(length) > 0 && medium.read(offset, into, at, length),
    write: () => false,
    unmap: () => false,
    flush: () => true,
    close: () => {},
  };
  medium.write(
    0,
    Uint8Array.from({ length: 1024 }, (_, i) => i % 251),
    0,
    1024,
  );
  const ram = new Uint8Array(4096);
  const command = new Command();
  command.cdb.set([0x28, 0, 0, 0, 0, 0, 0, 0, 2]);
  command.dataIn.add(ram, 0, 100);
  command.dataIn.add(ram, 100, 400);
  command.dataIn.add(ram, 2000, 524);
  readyUnit(watched).execute(command);
  expect(calls).toEqual([500, 524]);
  expect([ram[499], ram[500], ram[2000], ram[2523]]).toEqual([499 % 251, 0, 500 % 251, 1023 % 251]);
});

describe('a read-only medium', () => {
  const readOnly = () => readyUnit(MemoryMedium.from(new Uint8Array(64 * BLOCK), { readOnly: true }));
  test.each([
    ['WRITE(6)', WRITES[6]],
    ['WRITE(10)', WRITES[10]],
    ['WRITE(12)', WRITES[12]],
    ['WRITE(16)', WRITES[16]],
    ['UNMAP', [0x42, 0, 0, 0, 0, 0, 0, 0, 24]],
  ])('%s is protected from', (_what, cdb) => {
    expect(send(readOnly(), cdb, 0, new Uint8Array(BLOCK)).sense).toBe('7/27/00');
  });

  test('can be read, and its cache synchronized', () => {
    const unit = readOnly();
    expect([send(unit, READS[10], BLOCK).status, send(unit, [0x35]).status]).toEqual([0, 0]);
  });
});

describe('a bad block', () => {
  // Blocks 4 to 11, of which 7 is bad: three blocks are good before it.
  test('of a READ is reported, and earlier blocks are returned', () => {
    const read = [0x28, 0, 0, 0, 0, 4, 0, 0, 8];
    const { command, sense, data } = send(readyUnit(withBadBlock(7)), read, 8 * BLOCK);
    expect([sense, command.transferred]).toEqual(['3/11/00', 3 * BLOCK]);
    expect(Buffer.from(command.sense.subarray(0, 7)).toString('hex')).toBe('f0000300000007');
    expect([0, 1, 2].map((i) => data[i * BLOCK])).toEqual([4, 5, 6]);
  });

  test('of a WRITE is reported', () => {
    const data = new Uint8Array(8 * BLOCK);
    const { command, sense } = send(readyUnit(withBadBlock(7)), [0x2a, 0, 0, 0, 0, 4, 0, 0, 8], 0, data);
    expect([sense, command.sense[6]]).toEqual(['3/0c/00', 7]);
  });

  test('a flush that fails is a write error', () => {
    expect(send(readyUnit(withBadBlock(7)), [0x35]).sense).toBe('3/0c/00');
  });
});

test.each([
  ['the whole disk', [0x35], ''],
  ['at once', [0x35, 0x02], ''],
  ['the 16 byte form', [0x91], ''],
  ['a range past the end', [0x91, 0, 0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0, 1], '5/21/00'],
])('SYNCHRONIZE CACHE: %s', (_what, cdb, expected) => {
  expect(send(readyUnit(), cdb).sense).toBe(expected);
});

describe('a medium whose calls are costly', () => {
  /** READ or WRITE of blocks 5 and 6, in three pieces of memory that do not touch; and the calls of the medium. */
  function inPieces(write: boolean, bad = 63, meanwhile = () => {}) {
    const calls: string[] = [];
    const medium: Medium = { ...withBadBlock(bad), isCostly: true };
    const { read, write: store } = medium;
    medium.read = (offset, into, at, length) => {
      calls.push(`${offset} ${length}`);
      const isRead = read(offset, into, at, length);
      meanwhile();
      return isRead;
    };
    medium.write = (offset, from, at, length) =>
      calls.push(`${offset} ${length}`) > 0 && store(offset, from, at, length);
    const unit = readyUnit(medium);
    const command = new Command();
    const memory = new Uint8Array(8 * BLOCK).fill(write ? 9 : 0);
    const pieces = write ? command.dataOut : command.dataIn;
    for (const [at, length] of [
      [0, 100],
      [1024, 800],
      [3072, 124],
    ] as const)
      pieces.add(memory, at, length);
    command.cdb.set([write ? 0x2a : 0x28, 0, 0, 0, 0, 5, 0, 0, 2]);
    unit.execute(command);
    return { command, calls, memory, medium };
  }
  const AT = 5 * BLOCK;

  test('is read whole by a medium that reads another disk meanwhile', () => {
    const { memory } = inPieces(false, 63, () => void inPieces(true));

    expect([memory[99], memory[1024 + 412]]).toEqual([5, 6]);
  });

  test('is read by one, for all pieces of memory', () => {
    const { command, calls, memory } = inPieces(false);

    expect([command.status, command.transferred, calls]).toEqual([0, 1024, [`${AT} 1024`]]);
    expect([memory[99], memory[100], memory[1024 + 411], memory[1024 + 412], memory[3072 + 123]]).toEqual([
      5, 0, 5, 6, 6,
    ]);
  });

  test('is written by one', () => {
    const { command, calls, medium } = inPieces(true);
    const written = new Uint8Array(1024);
    medium.read(AT, written, 0, 1024);

    expect([command.status, calls[0], written.every((byte) => byte === 9)]).toEqual([0, `${AT} 1024`, true]);
  });

  test.each([false, true])(
    'is asked piece by piece once that has failed, to find the block: writing %s',
    (write) => {
      const { command, memory } = inPieces(write, 6);

      expect([command.status, command.transferred, command.sense[6]]).toEqual([2, 512, 6]);
      expect(memory[99]).toBe(write ? 9 : 5);
    },
  );
});
