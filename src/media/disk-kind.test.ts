import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { diskKindOf, HEAD } from './file-kind.ts';

const bytes = (text: string, at = 0) => {
  const head = new Uint8Array(HEAD);
  head.set(Buffer.from(text, 'latin1'), at);
  return head;
};
/** A member of a tar archive, up to its name. */
const tar = (name: string) => {
  const member = bytes(`${name}\0`);
  member.set(Buffer.from('ustar  \0'), 257);
  return member;
};
const said = (head: Uint8Array, tail = new Uint8Array(512)) => {
  const kind = diskKindOf(head, tail);
  return kind === null ? null : `${kind.name}: ${kind.command}`;
};

test.each([
  ['QFI\xfb\0\0\0\x03', 0, 'a qcow2 image: qemu-img convert -O raw FILE disk.raw'],
  ['QFI\xfb\0\0\0\x01', 0, 'a qcow image: qemu-img convert -O raw FILE disk.raw'],
  ['KDMV', 0, 'a VMDK image: qemu-img convert -O raw FILE disk.raw'],
  [
    '# Disk DescriptorFile\nversion=1',
    0,
    'the descriptor of a VMDK image: qemu-img convert -O raw FILE disk.raw',
  ],
  ['\x7f\x10\xda\xbe', 64, 'a VDI image: qemu-img convert -O raw FILE disk.raw'],
  ['vhdxfile', 0, 'a VHDX image: qemu-img convert -O raw FILE disk.raw'],
  ['conectix', 0, 'a VHD image: qemu-img convert -O raw FILE disk.raw'],
  ['\xfd7zXZ\0', 0, 'compressed with xz: xz -dc FILE > disk.raw'],
  ['\x28\xb5\x2f\xfd', 0, 'compressed with zstd: zstd -dc FILE > disk.raw'],
  ['BZh9', 0, 'compressed with bzip2: bzip2 -dc FILE > disk.raw'],
  ['PK\x03\x04', 0, 'a zip archive: unzip FILE'],
])('%j at %i begins %s', (text, at, kind) => {
  expect(said(bytes(text, at))).toBe(kind);
});

test('a fixed-size VHD is recognised by its end', () => {
  expect(said(new Uint8Array(HEAD), bytes('conectix').subarray(0, 512))).toMatch(
    /^a VHD image of fixed size: /,
  );
});

describe('a gzip file', () => {
  test.each(['disk.raw', './disk.raw'])('is an export of Compute Engine, if it is a tar with %s', (name) => {
    expect(said(gzipSync(tar(name)))).toBe(
      `a tar.gz with disk.raw, as Compute Engine exports it: tar -xzf FILE ${name}`,
    );
  });

  test('is reported as a tar.gz if it contains a tar', () => {
    expect(said(gzipSync(tar('disk.raw.old')))).toBe('a tar.gz: tar -xzf FILE');
  });

  test('is to be unpacked if it contains no tar', () => {
    expect(said(gzipSync(bytes('disk.raw\0')))).toBe('compressed with gzip: gzip -dc FILE > disk.raw');
  });

  test('is recognised even if cut or broken', () => {
    expect(said(Uint8Array.of(0x1f, 0x8b, 8, 0xff))).toBe('compressed with gzip: gzip -dc FILE > disk.raw');
  });
});

test.each([
  ['a boot sector', bytes('\x55\xaa', 510)],
  ['an ISO', bytes('CD001', 2049)],
  ['an empty disk', new Uint8Array(HEAD)],
  ['nothing', new Uint8Array()],
])('%s is raw', (_what, head) => {
  expect(said(head)).toBeNull();
});
