import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CpioReader, readInitramfs } from './initramfs.ts';
import { cpioOf } from './rig.ts';

describe('an initramfs', () => {
  test('that unpacks to too much is refused', async () => {
    // 10,000 times 4 KiB of zeros, which gzip makes a thousandth of.
    const bomb = gzipSync(Buffer.concat(Array.from({ length: 10_000 }, () => Buffer.alloc(4096))));

    await expect(readInitramfs('i', bomb, 1 << 20)).rejects.toThrow(
      'initramfs i: unpacks to more than 1 MiB',
    );
  });
});

describe('an initramfs of many archives is refused', () => {
  test('that unpack to too much together', async () => {
    const half = gzipSync(cpioOf({ name: 'x', content: 'x'.repeat(600 << 10) }));

    await expect(readInitramfs('i', Buffer.concat([half, half]), 1 << 20)).rejects.toThrow(
      'initramfs i: unpacks to more than 1 MiB',
    );
  });

  test('that are more than 4096', async () => {
    const empty = gzipSync('');

    await expect(
      readInitramfs('i', Buffer.concat(Array.from({ length: 4098 }, () => empty))),
    ).rejects.toThrow('initramfs i: holds more than 4096 archives');
  });
});

describe('a reader of cpio', () => {
  test('takes 64 MiB of names, and no more', () => {
    const reader = new CpioReader(() => {});
    // 16 MiB of names, whose zero is one of their 4096 bytes.
    const names = cpioOf(...Array.from({ length: 4095 }, () => ({ name: 'x'.repeat(4095) })));
    for (let i = 0; i < 4; i++) reader.push(names);

    expect(() => reader.push(names)).toThrow('more than 67108864 bytes of names');
  });

  test('takes a million entries, and no more', () => {
    const reader = new CpioReader(() => {});
    const thousand = cpioOf(...Array.from({ length: 999 }, () => ({ name: 'x' })));
    for (let i = 0; i < 1000; i++) reader.push(thousand);

    expect(() => reader.push(thousand)).toThrow('more than 1000000 entries');
  });
});
