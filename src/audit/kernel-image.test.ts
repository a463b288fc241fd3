import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { configText } from './kernel-image.ts';
import { BARE, bzImage, TEXT, VMLINUX } from './kernel-rig.ts';

describe('a configuration is found', () => {
  test.each([
    ['as text', Buffer.from(TEXT)],
    ['in config.gz', gzipSync(TEXT)],
    ['in vmlinux', VMLINUX],
    ['in vmlinux.gz', gzipSync(VMLINUX)],
    ['in a bzImage', bzImage(gzipSync(VMLINUX))],
  ])('%s', async (_what, bytes) => {
    expect(await configText('c', bytes)).toBe(TEXT);
  });
});

describe('refused in one line', () => {
  const zipped = bzImage(gzipSync(VMLINUX));
  test.each([
    ['a kernel without', BARE, 'config c: is a kernel that carries no configuration (CONFIG_IKCONFIG)'],
    [
      'a bzImage without',
      bzImage(gzipSync(BARE)),
      'config c: is a kernel that carries no configuration (CONFIG_IKCONFIG)',
    ],
    [
      'a bzImage of bzip2',
      bzImage(Buffer.from('BZh91AY')),
      'config c: is compressed with bzip2, which the audit does not read',
    ],
    ['a bzImage of nothing known', bzImage(Buffer.alloc(99)), 'config c: is compressed in no known way'],
    ['a cut bzImage', zipped.subarray(0, 3000), 'config c: is a kernel image that was cut off'],
    [
      'a bzImage of before 2.6.26',
      bzImage(gzipSync(VMLINUX), 0x207),
      'config c: is a kernel older than 2.6.26, which does not say where it is packed',
    ],
    ['bytes', Buffer.from([0, 1, 2]), 'config c: is neither text nor a kernel'],
    [
      'an own configuration that is damaged',
      Buffer.from('\0IKCFG_STnothing', 'latin1'),
      'config c, in the kernel: is compressed in no known way',
    ],
  ])('%s', async (_what, bytes, line) => {
    await expect(configText('c', bytes)).rejects.toThrow(line);
  });

  test('a file that unpacks to too much', async () => {
    const bomb = gzipSync(Buffer.alloc(1 << 22));

    await expect(configText('c', bomb, 1 << 20)).rejects.toThrow('config c: unpacks to more than 1 MiB');
  });

  test('text of more lines than any configuration has', async () => {
    await expect(configText('c', Buffer.alloc((16 << 20) + 1, 'a\n'))).rejects.toThrow(
      'config c: holds more than 16 MiB of text',
    );
  });
});
