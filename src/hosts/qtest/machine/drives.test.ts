import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Properties, propertiesOf } from '../command-line/properties.ts';
import { Drives } from './drives.ts';

const SECTOR = new Uint8Array(512).fill(0x5a);
let folder: string;
let image: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'guestrig-drives-'));
  image = join(folder, 'disk.img');
  writeFileSync(image, new Uint8Array(4096));
});
afterAll(() => rmSync(folder, { recursive: true }));

function drives(...texts: readonly string[]): Drives {
  const all = texts.map((text) => propertiesOf('-drive', text.replace('IMAGE', image), 'file'));
  return new Drives(new Map(all.map((one): [string, Properties] => [one['id'] ?? one['node-name']!, one])));
}

describe('a drive', () => {
  test.each([
    'file=null-co://,id=d',
    'file=blkdebug::null-co://,file.image.read-zeroes=on,format=raw,file.align=4k,id=d',
    'driver=null-aio,node-name=d',
    'driver=raw,file.driver=null-co,node-name=d',
  ])('reads as zeros and discards writes: %s', (text) => {
    const medium = drives(text).open('d', false);
    const read = new Uint8Array(512).fill(1);

    expect([medium.blocks, medium.write(0, SECTOR, 0, 512), medium.read(0, read, 0, 512)]).toEqual([
      2 ** 21,
      true,
      true,
    ]);
    expect(read).toEqual(new Uint8Array(512));
    expect(medium.read(2 ** 30, read, 0, 512)).toBe(false);
  });

  test('has the stated size', () => {
    expect(drives('driver=null-co,size=1048576,node-name=d').open('d', false).blocks).toBe(2048);
  });

  test('keeps writes in memory with snapshot, else in its file', () => {
    const snapshot = drives('file=IMAGE,format=raw,snapshot=on,id=d').open('d', false);
    snapshot.write(0, SECTOR, 0, 512);
    snapshot.close();

    expect(readFileSync(image)[0]).toBe(0);
    const file = drives('driver=file,filename=IMAGE,node-name=f', 'driver=raw,file=f,node-name=d').open(
      'd',
      false,
    );
    file.write(512, SECTOR, 0, 512);
    file.close();
    expect(readFileSync(image)[512]).toBe(0x5a);
  });

  test.each([
    'file=IMAGE,read-only=on,id=d',
    'file=IMAGE,readonly=on,id=d',
    'file=null-co://,readonly=on,id=d',
  ])('is only read: %s', (text) => {
    const medium = drives(text).open('d', false);

    expect(medium.readOnly).toBe(true);
    medium.close();
  });

  test.each([
    ['file=IMAGE,format=qcow2,id=d', 'drive must be a null-co or raw file node; got "d"'],
    ['driver=nbd,host=x,node-name=d', 'drive must be a null-co or raw file node; got "d"'],
    ['if=none,id=d', 'drive must be a null-co or raw file node; got "d"'],
    ['file=/nowhere/at.all,id=d', 'no such file'],
  ])('that is invalid is refused: %s', (text, said) => {
    expect(() => drives(text).open('d', false)).toThrow(said);
  });
});
