import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { LZ4, PLAIN } from './samples-rig.ts';
import { unpack, unpackWhole } from './unpack.ts';

describe('unpacking', () => {
  test('restores what lz4 -l wrote', async () => {
    expect(await unpackWhole('w', LZ4)).toEqual(PLAIN);
  });

  test('refuses in one line what was cut off', async () => {
    const cut = LZ4.subarray(0, 150);

    await expect(unpackWhole('w', cut)).rejects.toThrow(/^w: lz4 data is damaged: [^\n]+$/);
  });

  test.each([
    ['a name', 0x08, 'vmlinux\0'],
    ['a comment', 0x10, 'mine\0'],
    ['more fields', 0x04, '\x03\0abc'],
    ['a sum of the header', 0x02, 'ab'],
    ['all of these', 0x1e, '\x03\0abcvmlinux\0mine\0ab'],
  ])('reads a gzip whose header has %s', async (_what, flags, fields) => {
    const gzip = gzipSync(PLAIN);
    gzip[3] = flags;
    const bytes = Buffer.concat([gzip.subarray(0, 10), Buffer.from(fields, 'latin1'), gzip.subarray(10)]);

    expect(await unpackWhole('w', bytes)).toEqual(PLAIN);
  });

  test('returns the end of a gzip', async () => {
    const gzip = gzipSync(PLAIN);

    expect(await unpack('w', Buffer.concat([gzip, Buffer.from('more')]), () => {})).toBe(gzip.length);
  });

  test('refuses a gzip with a wrong sum', async () => {
    const gzip = gzipSync(PLAIN);
    gzip[gzip.length - 5]! ^= 1;

    await expect(unpackWhole('w', gzip)).rejects.toThrow('w: gzip data is damaged: incorrect data check');
  });

  test('refuses a block of lz4 that unpacks beyond its 8 MiB', async () => {
    // One literal, then a match whose length goes on for 40,000 times 255 bytes.
    const block = Buffer.concat([
      Buffer.from([0x1f, 0x41, 1, 0]),
      Buffer.alloc(40_000, 0xff),
      Buffer.from([0]),
    ]);
    const head = Buffer.from([2, 0x21, 0x4c, 0x18, 0, 0, 0, 0]);
    head.writeUInt32LE(block.length, 4);

    await expect(unpackWhole('w', Buffer.concat([head, block]))).rejects.toThrow(
      'w: lz4 data is damaged: a block unpacks to more than 8388608 bytes',
    );
  });

  test('refuses a frame of zstd that was cut off, before anything unpacks it', async () => {
    // A window of 1 KiB, then a block of nine bytes, of which two are there.
    const zstd = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 9 << 3, 0, 0, 1, 2]);

    await expect(unpackWhole('w', zstd)).rejects.toThrow('w: zstd data is damaged: unexpected end of file');
  });
});
