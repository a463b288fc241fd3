import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bootMachine } from './on-machine.ts';
import { guestrig, inFolderOf } from './rig.ts';

const FULL = new Uint8Array(4096).fill(7);
const NEW = new Uint8Array(512).fill(9);

inFolderOf({
  'a.img': FULL,
  'b.img': FULL,
  'c.img': FULL,
  'large.json': '{ "scsi": { "ringSize": 512 } }',
  'small.json': '{ "scsi": { "ringSize": 128 } }',
  'c.json': '{ "disks": [{ "file": "c.img", "target": 5 }], "memory": { "above4G": 0 } }',
});

/** The results of a guest's write: on the disk that it sees, and in the file. */
function written(file: string, args: Parameters<typeof bootMachine>[0]): number[] {
  const { machine } = bootMachine(args, () => {});
  const { medium } = machine.disks[0]!;
  medium.write(0, NEW, 0, 512);
  const seen = new Uint8Array(512);
  medium.read(0, seen, 0, 512);
  machine.close();
  return [seen[0]!, readFileSync(file)[0]!];
}

describe('what a guest writes to a disk', () => {
  test('stays in memory', () => {
    expect(written('a.img', { disk: ['a.img'] })).toEqual([9, 7]);
  });

  test('goes into the file if the command line says so', () => {
    expect(written('b.img', { disk: ['b.img'], write: true })).toEqual([9, 9]);
  });

  test('stays in memory for a disk of the options, too', () => {
    expect(written('c.img', { options: 'c.json' })).toEqual([9, 7]);
  });
});

describe('a BIOS', () => {
  test("finds a ring that SeaBIOS accepts, and its console's port", () => {
    const { machine } = bootMachine({ firmware: 'bios', disk: ['a.img'] }, () => {});
    const { port } = machine;
    port.out(0x510, 0x21, 2);
    const console = [port.in(0x511, 1), port.in(0x511, 1)];
    // 00:03.0: BAR0 at C000, I/O decoding; QUEUE_SELECT: the first request queue; QUEUE_SIZE.
    for (const [register, value] of [[0x10, 0xc001] as const, [0x04, 1] as const]) {
      port.out(0xcf8, 0x8000_1800 | register, 4);
      port.out(0xcfc, value, 4);
    }
    port.out(0xc00e, 2, 2);
    const ring = port.in(0xc00c, 2);
    machine.close();

    expect([console, ring]).toEqual([[0xf8, 0x03], 256]);
  });

  test.each([
    [
      'large',
      'guestrig: SeaBIOS takes queues of up to 256 entries, and scsi.ringSize is 512: to it no disk is there\n',
    ],
    ['small', ''],
  ])('that gets a %s ring is reported', (ring, said) => {
    const notes = { text: '' };
    const note = (line: string) => void (notes.text += line);
    bootMachine({ firmware: 'bios', disk: ['a.img'], options: `${ring}.json` }, note).machine.close();

    expect(notes.text).toBe(said);
  });
});

describe('the command line', () => {
  test('overrides the options of a file', () => {
    const { machine } = bootMachine(
      { options: 'c.json', memory: 64 << 20, seed: 9, profile: 'qemu-pc' },
      () => {},
    );
    machine.close();

    expect([machine.ramBytes, machine.seed, machine.profile.name, machine.disks[0]!.target]).toEqual([
      64 << 20,
      9,
      'qemu-pc',
      5,
    ]);
  });

  test.each([
    [['--memory', 'much'], '--memory must be a size (example 256M); got "much"'],
    [['--memory', '1M'], '--memory must be at least 2 MiB; got 1048576'],
    [['--memory', '9G'], '--memory must be at most 3 GiB; got 9663676416'],
    [['--limit', '3'], '--limit must be a time above 0 (examples 30s, 500ms, 2min); got "3"'],
    [['--limit', '0s'], '--limit must be a time above 0 (examples 30s, 500ms, 2min); got "0s"'],
    [['--until', ''], '--until must be printable text; got ""'],
    [
      ['--reporter', 'markdown'],
      '--reporter must be one of text, json, junit, github, sarif, html; got "markdown"',
    ],
    [['--snapshot', '--write'], "option '--write' cannot be used with option '--snapshot'"],
  ])('refuses %j in one line', async (argv, line) => {
    expect(await guestrig('boot', '--kernel', 'a.img', ...argv)).toEqual({
      status: 2,
      out: '',
      err: `${line}\n`,
    });
  });

  test.each([
    ['64M', 64 << 20],
    ['1g', 1 << 30],
    ['131072KiB', 128 << 20],
    ['16777216', 16 << 20],
  ])('takes %s as %i bytes of RAM', async (text, bytes) => {
    const { size } = await import('./option-values.ts');

    expect(size('--memory', text)).toBe(bytes);
  });
});
