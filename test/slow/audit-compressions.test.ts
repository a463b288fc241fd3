import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { array, assert, asyncProperty, constantFrom, integer, tuple, uint8Array } from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { readInitramfs } from '../../src/audit/initramfs.ts';
import { configText } from '../../src/audit/kernel-image.ts';
import { bzImage, TEXT, VMLINUX } from '../../src/audit/kernel-rig.ts';
import { cpioOf } from '../../src/audit/rig.ts';
import { LZ4, PLAIN } from '../../src/audit/unpack/samples-rig.ts';
import { unpackWhole } from '../../src/audit/unpack/unpack.ts';
import { nodeOf, nodesOf } from './package/registry.ts';
import { NODES } from './package/versions.ts';

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

describe('what lz4 -l writes', () => {
  // Runs, which become matches, and bytes that repeat nothing.
  const run = tuple(uint8Array({ minLength: 1, maxLength: 9 }), integer({ min: 1, max: 2000 }));
  const pieces = array(run, { maxLength: 60 }).map((runs) =>
    Buffer.concat(runs.flatMap(([bytes, times]) => Array<Uint8Array>(times).fill(bytes))),
  );

  test('is read, whatever was packed', async () => {
    await assert(
      asyncProperty(pieces, constantFrom('-1', '-9', '-12'), async (bytes, level) => {
        expect(await unpackWhole('w', packed(`lz4 -l -q ${level}`, bytes))).toEqual(bytes);
      }),
    );
  });

  test('is read in blocks of 8 MiB', async () => {
    const bytes = Buffer.alloc(20 << 20, PLAIN);

    expect(Buffer.compare(await unpackWhole('w', packed('lz4 -l -q', bytes)), bytes)).toBe(0);
    expect(Buffer.compare(packed('lz4 -l -q', PLAIN), LZ4)).toBe(0);
  });
});

describe.each(NODES)('on Node %s', (major) => {
  beforeAll(() => nodesOf(process.cwd()), 300_000);

  const UNPACK = `
    import { readFileSync } from 'node:fs';
    import { unpackWhole } from './src/audit/unpack/unpack.ts';
    try {
      process.stdout.write(await unpackWhole('w', readFileSync(0)));
    } catch (error) {
      process.stdout.write(error.message);
    }`;
  /** @param path where programs are looked for. */
  function unpacked(bytes: Uint8Array, path = process.env['PATH']): string {
    const argv = ['--import', 'tsx', '--input-type=module', '-e', UNPACK];
    const env = { ...process.env, PATH: path, LC_ALL: 'C' };
    return execFileSync(nodeOf(process.cwd(), major), argv, { input: bytes, env }).toString('latin1');
  }

  const two = Buffer.concat([packed('zstd -q', PLAIN), packed('zstd -q --no-check', PLAIN)]);
  const text = PLAIN.toString('latin1');

  test('two frames of zstd are read, and one that was cut off is not', () => {
    expect(unpacked(two)).toBe(text + text);
    expect(unpacked(two.subarray(0, -1))).toBe('w: zstd data is damaged: unexpected end of file');
  });

  test('xz is read, and one that was cut off is not', () => {
    const xz = packed('xz --check=crc32', PLAIN);

    expect(unpacked(xz)).toBe(text);
    expect(unpacked(xz.subarray(0, -1))).toBe('w: xz data is damaged: Unexpected end of input');
  });

  test('a program that is missing is named, with what to do', () => {
    const nowhere = join(process.cwd(), 'no-such-folder');

    expect(unpacked(packed('xz', PLAIN), nowhere)).toBe(
      'w: is compressed with xz: install the program xz (Debian: apt install xz-utils)',
    );
    expect(unpacked(two, nowhere)).toBe(
      major === '20'
        ? 'w: is compressed with zstd: install the program zstd (Debian: apt install zstd), or use Node 22.15 or newer'
        : text + text,
    );
  });
});
