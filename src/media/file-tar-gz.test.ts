import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { openTarGz } from './file-tar-gz.ts';

const folder = mkdtempSync(join(tmpdir(), 'guestrig-tar-gz-'));
afterAll(() => rmSync(folder, { recursive: true }));

const DATA = Uint8Array.from({ length: 1024 }, (_, i) => i / 512 + 1);
const END = new Uint8Array(1024);

const octal = (value: number) => value.toString(8).padStart(11, '0');

/** A header, and its data in whole blocks. `more` are further fields by their place. */
function member(name: string, type: string, data: Uint8Array, more: Record<number, string> = {}): Uint8Array {
  const block = Buffer.alloc(512 + Math.ceil(data.length / 512) * 512);
  const fields = { 0: name, 124: octal(data.length), 156: type, 257: 'ustar', ...more };
  for (const [at, text] of Object.entries(fields)) block.write(text, Number(at), 'latin1');
  block.set(data, 512);
  return block;
}

let files = 0;

/** A file of these parts, compressed. */
function archive(...parts: readonly Uint8Array[]): string {
  const path = join(folder, `${++files}.tar.gz`);
  writeFileSync(path, gzipSync(Buffer.concat(parts)));
  return path;
}

async function contents(path: string): Promise<Uint8Array> {
  const medium = await openTarGz(path);
  const bytes = new Uint8Array(medium.blocks * 512);
  medium.read(0, bytes, 0, bytes.length);
  return bytes;
}

/** 4 KiB, of which the first and the last block have data. */
const HOLES = Buffer.concat([DATA.subarray(0, 512), new Uint8Array(3072), DATA.subarray(512)]);
const SPARSE = {
  386: octal(0),
  398: octal(512),
  410: octal(3584),
  422: octal(512),
  434: octal(4096),
  446: octal(0),
  483: octal(4096),
};
const BASE_256 = '\x80\0\0\0\0\0\0\0\0\0\x04\0';
const SIZE_RECORD = Buffer.from('13 size=1024\n');
const EXTENSION = Buffer.alloc(512);
EXTENSION.write(octal(3584), 0);
EXTENSION.write(octal(512), 12);

describe('the disk of a tar.gz', () => {
  test.each<[string, Uint8Array[], Uint8Array]>([
    ['disk.raw', [member('disk.raw', '0', DATA)], DATA],
    ['./disk.raw', [member('./disk.raw', '\0', DATA)], DATA],
    [
      'disk.raw behind another file',
      [member('notes', '0', DATA.subarray(1)), member('disk.raw', '0', DATA)],
      DATA,
    ],
    ['disk.raw whose size is of base 256', [member('disk.raw', '0', DATA, { 124: BASE_256 })], DATA],
    [
      'disk.raw whose size is a record of its own',
      [member('pax', 'x', SIZE_RECORD), member('disk.raw', '0', DATA, { 124: octal(0) })],
      DATA,
    ],
    ['disk.raw with holes', [member('disk.raw', 'S', DATA, SPARSE)], HOLES],
    [
      'disk.raw whose holes go on in a further header',
      [
        member('disk.raw', 'S', new Uint8Array(), {
          ...SPARSE,
          410: '',
          422: '',
          434: '',
          446: '',
          482: '\x01',
        }),
        EXTENSION,
        DATA,
      ],
      HOLES,
    ],
  ])('is %s', async (_what, parts, expected) => {
    expect(await contents(archive(...parts, END))).toEqual(Uint8Array.from(expected));
  });
});

test('zeros in it take no memory', async () => {
  const medium = await openTarGz(archive(member('disk.raw', '0', new Uint8Array(1 << 20)), END));

  expect(medium.extentAt(0)).toEqual({ mapped: false, bytes: 1 << 20 });
});

describe('a file is refused, by its name,', () => {
  test.each<[string, () => string, string]>([
    ['that is not there', () => join(folder, 'none'), 'no such file'],
    ['that is not compressed', () => raw(DATA), 'is no gzip file, or is cut'],
    [
      'that was cut',
      () => raw(gzipSync(member('disk.raw', '0', DATA)).subarray(0, -20)),
      'is no gzip file, or is cut',
    ],
    ['that is no tar', () => archive(DATA), 'has no disk.raw in it'],
    ['without a disk.raw', () => archive(member('other', '0', DATA), END), 'has no disk.raw in it'],
    [
      'whose tar was cut',
      () => archive(member('disk.raw', '0', DATA).subarray(0, 700)),
      'ends in the middle',
    ],
    [
      'with a disk.raw of an odd size',
      () => archive(member('disk.raw', '0', DATA.subarray(1)), END),
      '1023 bytes',
    ],
    [
      'with data behind the end of its disk',
      () => archive(member('disk.raw', 'S', DATA, { ...SPARSE, 483: octal(512) }), END),
      'has data behind its end',
    ],
    [
      'with holes in the form of pax',
      () =>
        archive(member('pax', 'x', Buffer.from('22 GNU.sparse.major=1\n')), member('disk.raw', '0', DATA)),
      'Do: tar -xzf',
    ],
  ])('%s', async (_what, file, reason) => {
    const path = file();

    await expect(openTarGz(path)).rejects.toThrow(reason);
    await expect(openTarGz(path)).rejects.toThrow(`disk ${path}`);
  });
});

function raw(bytes: Uint8Array): string {
  const path = join(folder, `${++files}.bin`);
  writeFileSync(path, bytes);
  return path;
}

test('how much of the file was read is told, up to all of it', async () => {
  const told: [number, number][] = [];
  const path = archive(member('disk.raw', '0', DATA), END);

  await openTarGz(path, { onProgress: (read, all) => told.push([read, all]) });

  const { size } = statSync(path);
  expect(told.at(-1)).toEqual([size, size]);
});
