import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CpioReader, readInitramfs } from './initramfs.ts';
import { cpioOf } from './rig.ts';

const DRIVER = { name: 'usr/lib/modules/6.12/kernel/virtio_scsi.ko', content: 'ELF' };
const MICROCODE = { name: 'kernel/x86/microcode/GenuineIntel.bin', content: 'x'.repeat(333) };
const LINK = 0o120777;
const FOLDER = 0o040755;

const modulesOf = async (bytes: Uint8Array) => [...(await readInitramfs('i', bytes)).modules.keys()];

describe('an initramfs', () => {
  test.each([
    ['plain', cpioOf(DRIVER)],
    ['compressed', gzipSync(cpioOf(DRIVER))],
    ['behind microcode', Buffer.concat([cpioOf(MICROCODE), gzipSync(cpioOf(DRIVER))])],
    [
      'behind microcode and padding',
      Buffer.concat([cpioOf(MICROCODE), Buffer.alloc(509), gzipSync(cpioOf(DRIVER))]),
    ],
    ['before other archives', Buffer.concat([gzipSync(cpioOf(DRIVER)), cpioOf(MICROCODE)])],
    [
      'behind a compressed one and padding',
      Buffer.concat([gzipSync(cpioOf()), Buffer.alloc(3), cpioOf(DRIVER)]),
    ],
    [
      'with contents of every padding',
      cpioOf(...['', 'a', 'ab', 'abc'].map((content) => ({ name: 'x', content })), DRIVER),
    ],
  ])('has its modules found: %s', async (_what, bytes) => {
    expect(await modulesOf(bytes)).toEqual(['virtio_scsi']);
  });

  test('has its compression and the paths of modules', async () => {
    const { formats, modules } = await readInitramfs('i', gzipSync(cpioOf(DRIVER)));

    expect([[...formats], modules.get('virtio_scsi')]).toEqual([['gzip'], DRIVER.name]);
  });

  test('may have any paths and links: no file is created', async () => {
    const bytes = cpioOf(
      { name: '../../../../etc/passwd', content: 'root::0:0' },
      { name: '/etc/shadow', content: 'x' },
      { name: 'lib', content: '/', mode: LINK },
      { name: 'lib/sd_mod.ko', content: '/dev/zero', mode: LINK },
      { name: 'nvme.ko', mode: FOLDER },
      { name: '../virtio_scsi.ko', content: 'ELF' },
    );

    expect(await modulesOf(bytes)).toEqual(['virtio_scsi']);
  });

  const cut = cpioOf(DRIVER, MICROCODE);
  test.each([
    ['nothing', Buffer.alloc(0), 'initramfs i: holds no archive'],
    ['zeros', Buffer.alloc(1024), 'initramfs i: holds no archive'],
    ['text', Buffer.from('hello'), 'initramfs i: holds no archive at byte 0'],
    [
      'an archive cut in a header',
      cut.subarray(0, 200),
      'initramfs i: is a damaged archive: entry 2 is cut off',
    ],
    [
      'an archive cut in contents',
      cut.subarray(0, 400),
      'initramfs i: is a damaged archive: entry 3 is cut off',
    ],
    [
      'a header of letters',
      Buffer.from(`070701${'x'.repeat(200)}`),
      'initramfs i: is a damaged archive: entry 1 has no header',
    ],
    [
      'the old binary cpio',
      Buffer.from('070707'.padEnd(200, '0')),
      'initramfs i: is a damaged archive: entry 1 has no header',
    ],
    ['text in gzip', gzipSync('hello'), 'initramfs i: holds no archive behind entry 0'],
    [
      'a cut gzip',
      gzipSync(cut).subarray(0, 60),
      'initramfs i: gzip data is damaged: unexpected end of file',
    ],
    ['bzip2', Buffer.from('BZh91AY'), 'initramfs i: is compressed with bzip2, which the audit does not read'],
    [
      'lzma',
      Buffer.from([0x5d, 0, 0, 0x80]),
      'initramfs i: is compressed with lzma, which the audit does not read',
    ],
    [
      'lzo',
      Buffer.from([0x89, 0x4c, 0x5a, 0x4f]),
      'initramfs i: is compressed with lzo, which the audit does not read',
    ],
    [
      'lz4 without -l',
      Buffer.from([4, 0x22, 0x4d, 0x18]),
      'initramfs i: is compressed with lz4 frame, which the audit does not read',
    ],
  ])('of %s is refused in one line', async (_what, bytes, line) => {
    await expect(readInitramfs('i', bytes)).rejects.toThrow(line);
  });
});

describe('a reader of cpio', () => {
  test('takes an archive after one that lacks its padding', () => {
    const found: string[] = [];
    const reader = new CpioReader((path) => found.push(path));
    reader.push(cpioOf(DRIVER).subarray(0, -3));
    reader.end();
    reader.push(cpioOf(DRIVER));

    expect(found).toEqual([DRIVER.name, DRIVER.name]);
  });

  test('refuses a path that is longer than Linux allows', () => {
    const reader = new CpioReader(() => {});

    expect(() => reader.push(cpioOf({ name: 'x'.repeat(4096) }))).toThrow('entry 1 has no header');
  });

  test('finds the same in pieces of any length', () => {
    const bytes = cpioOf(MICROCODE, DRIVER, { name: 'empty' });
    const inPieces = (length: number): string[] => {
      const files: string[] = [];
      const reader = new CpioReader((path) => files.push(path));
      for (let at = 0; at < bytes.length; at += length) reader.push(bytes.subarray(at, at + length));
      reader.end();
      return files;
    };
    const found = [1, 2, 3, 7, 109, 110, 111, 1000].map(inPieces);

    expect(new Set(found.map((files) => files.join()))).toEqual(
      new Set([`${MICROCODE.name},${DRIVER.name},empty`]),
    );
  });
});
