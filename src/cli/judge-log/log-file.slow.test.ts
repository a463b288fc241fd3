import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONGEST_LINE } from '../../hosts/log/log-lines.ts';
import { guestrig, inFolderOf } from '../rig.ts';
import { linesOf } from './log-file.ts';

inFolderOf({});

const HEADER =
  '{"at":0,"kind":"machine","format":2,"profile":"gce-n1","options":{},"accessTime":1000,"sight":"accesses"}';
const NOTHING =
  '{"profile":"qemu-pc","memory":2097152,"vcpus":1,"date":null,"devices":[],"drives":[],"netdevs":[]}';
const ACCESS =
  '{"at":1000,"kind":"access","space":"port","write":true,"address":1016,"width":1,"value":65,"text":""}';

/** A file whose second line has this many characters. */
function longSecondLine(path: string, length: number): void {
  const fd = openSync(path, 'w');
  writeSync(fd, `${HEADER}\n`);
  ftruncateSync(fd, HEADER.length + 1 + length);
  writeSync(fd, `\n${ACCESS}\n`, HEADER.length + 1 + length);
  closeSync(fd);
}

test('lines are split at line feeds, wherever a read ends', () => {
  // 64 KiB are read at once.
  const piece = fc.constantFrom('a', 'ä', '💾', '\n', '\r', 'b'.repeat(65_535), 'ü'.repeat(40_000));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('');
      writeFileSync('lines', text);
      const expected = text.split('\n');
      expect([...linesOf('lines')]).toEqual(expected.at(-1) === '' ? expected.slice(0, -1) : expected);
    }),
    { numRuns: 30 },
  );
});

test('only as much of a too long line is kept as shows its length', () => {
  longSecondLine('long', LONGEST_LINE + 100_000);

  const lengths = [...linesOf('long')].map(({ length }) => length);

  expect(lengths).toEqual([HEADER.length, LONGEST_LINE + 1, ACCESS.length]);
});

test('a line that is too long is reported by its number, and the others are judged', async () => {
  longSecondLine('long', LONGEST_LINE + 1);

  const { out } = await guestrig('judge-log', 'long');

  expect(out).toContain(`Line 2 is passed over: it has more than ${LONGEST_LINE} characters.\n`);
  expect(out).toContain("The log is guestrig's: 1 accesses in 3 lines");
});

test('a file without a line of a log is read only as far as one may appear', async () => {
  longSecondLine('none', 0);
  writeFileSync(
    'none',
    'x'
      .repeat(1 << 20)
      .concat('\n')
      .repeat(20),
  );

  const { err } = await guestrig('judge-log', 'none');

  expect(err).toBe('log none: has no line of a log that guestrig knows\n');
});

test('a line of more parts than a record can have is skipped', async () => {
  const many = `{"at":1,"kind":"told","of":"gce","what":{"a":[${'[],'.repeat(1 << 20)}[]]}}`;
  writeFileSync('many', `${HEADER}\n${many}\n`);

  const { out } = await guestrig('judge-log', 'many');

  expect(out).toContain('Line 2 is passed over: it has more than 1048576 parts.\n');
});

test.each([
  ['of ours', HEADER.replace('}', `},"qemu":${NOTHING}`), true],
  ['of ours, of a machine with devices', HEADER, false],
  [
    "of QEMU's",
    "pci_cfg_read e1000 00:03.0 @0x0 -> 0x100e8086\nmemory_region_ops_read cpu 0 mr 0x1 addr 0x71 value 0x0 size 1 name 'rtc'",
    true,
  ],
  [
    "of QEMU's, without configuration space",
    "memory_region_ops_read cpu 0 mr 0x1 addr 0x71 value 0x0 size 1 name 'rtc'",
    true,
  ],
])('a log %s without a virtio device is reported as such', async (_whose, lines, says) => {
  writeFileSync('none', lines);

  const { out } = await guestrig('judge-log', 'none');

  expect(out.includes('There is no virtio device in the log')).toBe(says);
});
