import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { MisuseError } from '../../core/misuse.ts';
import { PLAIN, SAMPLES } from './samples-rig.ts';
import { unpack, unpackWhole } from './unpack.ts';

describe('unpacking', () => {
  test.each(SAMPLES)('restores the output of %s', async (_made, base64) => {
    expect(await unpackWhole('w', Buffer.from(base64, 'base64'))).toEqual(PLAIN);
  });

  test.each(SAMPLES)('refuses in one line the output of %s if it was cut off', async (_made, base64) => {
    const cut = Buffer.from(base64, 'base64').subarray(0, 150);

    await expect(unpackWhole('w', cut)).rejects.toThrow(/^w: (xz|zstd|lz4) data is damaged: [^\n]+$/);
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
      'w: lz4 data is damaged: the block at 8 unpacks to more than 8 MiB',
    );
  });

  test('refuses a window of zstd that is larger than the kernel allows', async () => {
    // 2^(10 + 18), more than 2^27; then one block, the last, of no byte.
    const zstd = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 18 << 3, 1, 0, 0, 0, 0]);

    await expect(unpackWhole('w', zstd)).rejects.toThrow(
      'w: zstd data is damaged: a window of 268435456 bytes',
    );
  });

  test('refuses blocks of zstd that would take hours: each moves the window', async () => {
    // A window of 128 MiB, then blocks of one byte.
    const blocks = Array.from({ length: 5000 }, () => [0x08, 0, 0, 0x41]).flat();
    const zstd = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 17 << 3, ...blocks, 1, 0, 0]);

    await expect(unpackWhole('w', zstd)).rejects.toThrow(
      'w: zstd data is damaged: 5001 blocks in a window of 134217728 bytes',
    );
  });

  test('reads xz after one that its sink refused', async () => {
    const one = Buffer.from(SAMPLES[0]![1], 'base64');
    const refused = unpack('w', one, () => {
      throw new MisuseError('w', '', '', 'is not wanted');
    });

    await expect(refused).rejects.toThrow('w: is not wanted');
    expect(await unpackWhole('w', one)).toEqual(PLAIN);
  });

  test('refuses thousands of blocks of xz with the x86 filter', async () => {
    const one = Buffer.from(SAMPLES[1]![1], 'base64');
    // From behind the header to the index, whose length is at the end.
    const index = one.length - 12 - (one.readUInt32LE(one.length - 8) + 1) * 4;
    const block = one.subarray(12, index);
    const many = Buffer.concat([one.subarray(0, 12), ...Array.from({ length: 4097 }, () => block)]);

    await expect(unpack('w', many, () => {})).rejects.toThrow('w: xz data is damaged: more than 4096 blocks');
  });
});
