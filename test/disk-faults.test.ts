import { describe, expect, test } from 'vitest';
import { type ScsiAnswer, virtioScsiDriver } from '../src/guest/index.ts';
import {
  type DiskFault,
  FaultyMedium,
  type FaultyOptions,
  gceN1,
  MemoryMedium,
  MisuseError,
  WriteBackMedium,
} from '../src/index.ts';

const BLOCK = 512;
const BLOCKS = 64;
const bytes = (value: number, blocks: number) => new Uint8Array(blocks * BLOCK).fill(value);

const read = (lba: number, blocks: number) => ({
  name: 'READ(10)',
  cdb: Uint8Array.of(0x28, 0, 0, 0, 0, lba, 0, 0, blocks, 0),
  dataIn: blocks * BLOCK,
});
const write = (lba: number, blocks: number) => ({
  name: 'WRITE(10)',
  cdb: Uint8Array.of(0x2a, 0, 0, 0, 0, lba, 0, 0, blocks, 0),
  dataOut: bytes(2, blocks),
});
const FLUSH = { name: 'SYNCHRONIZE CACHE(10)', cdb: Uint8Array.of(0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0) };

/** A guest on a disk of ones, with these faults. */
function guest(faults: readonly DiskFault[], options: FaultyOptions = {}) {
  const below = new WriteBackMedium(MemoryMedium.from(bytes(1, BLOCKS)));
  const medium = new FaultyMedium(below, faults, options);
  const machine = gceN1({ disks: [{ medium }] });
  const host = machine.attach(virtioScsiDriver);
  const told = (command: Parameters<typeof host.execute>[2]) => answer(host.execute(1, 0, command));
  return { machine, host, told };
}

/** `good`, or sense and the block that it names. */
function answer({ sense }: ScsiAnswer): string {
  if (sense === null) return 'good';
  const triple = [sense.key, sense.asc, sense.ascq].map((byte) => byte.toString(16)).join('/');
  return `${triple} at ${sense.information}`;
}

describe('a fault of blocks', () => {
  test.each<[string, DiskFault, ReturnType<typeof read>[], string[]]>([
    [
      'that cannot be read, is of each read that touches them',
      { kind: 'read', lba: 10, blocks: 4 },
      [read(8, 8), read(12, 1), read(13, 2), read(14, 4), read(6, 4)],
      ['3/11/0 at 10', '3/11/0 at 12', '3/11/0 at 13', 'good', 'good'],
    ],
  ])('%s', (_what, fault, commands, answers) => {
    const { told } = guest([fault]);

    expect(commands.map(told)).toEqual(answers);
  });

  test.each([
    ['write', '3/c/0 at 10', 'MEDIUM ERROR 3/0c/00'],
    ['full', '7/27/7 at 10', 'DATA PROTECT 7/27/07'],
  ] as const)('of kind %s is of each write, and of no read', (kind, expected, ofUnmap) => {
    const { told, host } = guest([{ kind, lba: 10, blocks: 4 }]);

    expect([told(write(8, 8)), told(read(8, 8)), told(write(14, 2))]).toEqual([expected, 'good', 'good']);
    expect(() => host.unmap(1, [{ lba: 12, blocks: 1 }])).toThrow(ofUnmap);
    expect(told(write(14, 2))).toBe('good');
  });
});

describe('a fault by count', () => {
  test('is of as many commands, after so many', () => {
    const { told } = guest([{ kind: 'write', skip: 2, times: 2 }]);

    const answers = [1, 2, 3, 4, 5].map((lba) => told(write(lba, 1)));

    expect(answers).toEqual(['good', 'good', '3/c/0 at 3', '3/c/0 at 4', 'good']);
  });

  test('names a block of a command of many, and the next command is done', () => {
    const { told } = guest([{ kind: 'read', times: 1 }]);

    expect([told(read(8, 8)), told(read(8, 8))]).toEqual(['3/11/0 at 8', 'good']);
  });
});

test('a fault by chance is of about as many commands, and the same by the same seed', () => {
  const outcomes = [5, 5, 6].map((seed) => {
    const { told } = guest([{ kind: 'read', chance: 0.25 }], { seed });
    return Array.from({ length: 200 }, (_, i) => told(read(i % 32, 4)));
  });
  const failures = outcomes[0]!.filter((one) => one !== 'good').length;

  expect(outcomes[0]).toEqual(outcomes[1]);
  expect(outcomes[0]).not.toEqual(outcomes[2]);
  // 50 are expected; 20 either way are more than three standard deviations.
  expect(Math.abs(failures - 50)).toBeLessThan(20);
});

test('a torn write is reported as done, and the last blocks are not there', () => {
  const { told, host } = guest([{ kind: 'torn', times: 1 }], { seed: 4 });

  expect(told(write(0, 8))).toBe('good');
  const found = host.read(1, 0, 8);
  const done = Array.from({ length: 8 }, (_, i) => found[i * BLOCK]!);
  expect(done).toEqual(done.toSorted((a, b) => b - a));
  expect(done.at(-1)).toBe(1);
});

test('a torn block is reported as done, and ends as it was', () => {
  const { told, host } = guest([{ kind: 'torn block', times: 1 }], { seed: 4 });

  expect(told(write(0, 8))).toBe('good');
  const found = host.read(1, 0, 8);
  const done = found.lastIndexOf(2) + 1;
  expect([done % BLOCK > 0, found.subarray(done).every((byte) => byte === 1)]).toEqual([true, true]);
});

test('a lost flush is reported as done, and a loss of power takes what was written', () => {
  const { machine, told } = guest([{ kind: 'lost' }]);
  const answers = [told(write(0, 32)), told(FLUSH)];

  machine.powerCut();

  expect(answers).toEqual(['good', 'good']);
  expect(machine.attach(virtioScsiDriver).read(1, 0, 32)).not.toEqual(bytes(2, 32));
});

test.each([
  ['a kind that is none', [{ kind: 'any' } as unknown as DiskFault], 'faulty.faults[0].kind'],
  ['a block behind the end', [{ kind: 'read', lba: 64 }], 'faulty.faults[0].lba'],
  ['too many blocks', [{ kind: 'read', lba: 60, blocks: 5 }], 'faulty.faults[0].blocks'],
  ['no times', [{ kind: 'read', times: 0 }], 'faulty.faults[0].times'],
  ['a chance above 1', [{ kind: 'read', chance: 2 }], 'faulty.faults[0].chance'],
] as const)('%s is a misuse', (_what, faults, path) => {
  const make = () => new FaultyMedium(new MemoryMedium(BLOCKS * BLOCK), faults);

  expect(make).toThrow(MisuseError);
  expect(make).toThrow(path);
});
