import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { readInitramfs } from '../../src/audit/initramfs.ts';
import { configText } from '../../src/audit/kernel-image.ts';
import { bzImage, TEXT, VMLINUX } from '../../src/audit/kernel-rig.ts';
import { cpioOf } from '../../src/audit/rig.ts';

function packed(command: string, input: Buffer): Buffer {
  const [program, ...argv] = command.split(' ');
  return execFileSync(program!, [...argv, '-c'], { input, maxBuffer: 1 << 30 });
}

describe('the output of the compressors themselves is read', () => {
  // As arch/x86/boot/compressed/Makefile and scripts/xz_wrap.sh of Linux call them, and with more blocks.
  test.each([
    'gzip -n -9',
    'xz --check=crc32 --x86 --lzma2=dict=32MiB',
    'xz --check=crc32 --x86 --lzma2=dict=1MiB --block-size=65536',
    'xz --check=crc64 --x86 --lzma2=preset=0 -T2',
    'xz --check=crc32',
    'zstd -22 --ultra -q',
    'zstd -1 --no-check -q',
    'lz4 -l -9 -q',
  ])('a bzImage of %s', async (command) => {
    expect(await configText('c', bzImage(packed(command, VMLINUX)))).toBe(TEXT);
  });

  // As mkinitramfs calls them.
  test.each(['gzip -n', 'xz --check=crc32', 'zstd -q -1', 'lz4 -9 -l -q'])(
    'an initramfs of %s',
    async (command) => {
      const archive = cpioOf(
        { name: 'filler', content: 'x'.repeat(20_000_000) },
        { name: 'lib/modules/gve.ko' },
      );

      const { modules } = await readInitramfs('i', packed(command, archive));

      expect([...modules.keys()]).toEqual(['gve']);
    },
  );

  test.each(['gzip -n', 'xz --check=crc32', 'zstd -q -1', 'lz4 -9 -l -q'])(
    'a bomb of %s is left',
    async (command) => {
      // 64 times the output limit.
      const bomb = packed(command, Buffer.alloc(64 << 20));

      await expect(readInitramfs('i', bomb, 1 << 20)).rejects.toThrow(
        'initramfs i: unpacks to more than 1 MiB',
      );
    },
  );

  test.each(['bzip2', 'lzma'])('%s is named in one line', async (command) => {
    await expect(configText('c', bzImage(packed(command, VMLINUX)))).rejects.toThrow(
      /^config c: is compressed with \S+, which the audit does not read$/,
    );
  });
});
