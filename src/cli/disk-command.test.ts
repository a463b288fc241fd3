import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { guestrig, inFolderOf } from './rig.ts';
import { run } from './run.ts';

const IMAGE = new Uint8Array(1 << 20).fill(0x5a);

/** Compute Engine's export: a tar with `disk.raw`, compressed. */
const EXPORT = Buffer.alloc(512 + IMAGE.length + 1024);
EXPORT.write('disk.raw');
EXPORT.write(IMAGE.length.toString(8).padStart(11, '0'), 124);
EXPORT.write('0', 156);
EXPORT.write('ustar', 257);
EXPORT.set(IMAGE, 512);

inFolderOf({
  'export.tar.gz': gzipSync(EXPORT),
  'boot.img': IMAGE,
  'boot.qcow2': Uint8Array.from([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3]),
});

test('shows what an image is to a guest, and writes nothing', async () => {
  const { status, out } = await guestrig('disk', 'boot.img');

  expect(status).toBe(0);
  expect(out).toMatch(/^INQUIRY .*vendor "Google", product "PersistentDisk", revision "1"/);
  expect(out).toMatch(/^VPD b2 +flags 84h, type 2$/m);
  expect(out).toMatch(/^READ CAPACITY\(16\) +last 2047, block_length 512, exponent 3, alignment c000h$/m);
  expect(out).toMatch(/^MODE SENSE\(6\) +device-specific 00, pages 08120400/m);
  expect(out).toMatch(/^Commands +20: TEST UNIT READY, /m);
  expect(readFileSync('boot.img').equals(IMAGE)).toBe(true);
});

test('shows on a terminal how much of an archive was read', async () => {
  const shown: string[] = [];

  const end = await run(['disk', 'export.tar.gz'], {
    out: () => {},
    err: () => {},
    color: false,
    progress: (text) => shown.push(text),
  });

  expect([end, shown.at(-1)]).toEqual([0, '']);
});

test('shows the same of the image in what Compute Engine exports', async () => {
  const [{ out }, { out: packed }] = [
    await guestrig('disk', 'boot.img'),
    await guestrig('disk', 'export.tar.gz'),
  ];

  expect(packed).toBe(out);
});

test('shows all commands that a disk can have', async () => {
  const { out } = await guestrig('disk', '--commands', 'all');

  expect(out).toMatch(
    /^Commands +\d+: .*COMPARE AND WRITE.*SANITIZE, BLOCK ERASE|SANITIZE, BLOCK ERASE.*COMPARE AND WRITE/m,
  );
  expect(out).toMatch(/^VPD 86 +flags5 07h, flags6 01h$/m);
});

test('prints the bytes of each answer', async () => {
  const { out } = await guestrig('disk', '--hex');

  expect(out).toContain('# VPD 00\n00 00 00 06 00 80 83 b0 b1 b2\n');
});

test.each([
  [['disk', 'missing.img'], 'disk missing.img: no such file\n'],
  [['disk', 'boot.qcow2'], /^disk boot.qcow2: is a qcow2 image.*and not raw/],
  [['disk', '--commands', 'some'], /Allowed choices are gce, all/],
])('%j is misuse, said in one line', async (argv, expected) => {
  const { status, err } = await guestrig(...argv);

  expect(status).toBe(2);
  expect(err).toMatch(expected);
});
