import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openTarGz } from './file-tar-gz.ts';

const MIB = 1 << 20;
const folder = mkdtempSync(join(tmpdir(), 'guestrig-tar-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

// 64 MiB with 40 pieces of data: more than the four that a header of a sparse file has room for, and than the 21 of the next.
const file = openSync(join(folder, 'disk.raw'), 'w');
ftruncateSync(file, 64 * MIB);
for (let i = 0; i < 40; i++) writeSync(file, Buffer.alloc(5000, i + 1), 0, 5000, i * MIB + 4096 * i);

test.each([
  ['as the documents of Compute Engine say', ['--format=oldgnu', '-Sczf']],
  ['without holes', ['--format=gnu', '-czf']],
  ['in the form of pax', ['--format=posix', '-czf']],
])('GNU tar packs a disk %s, and it is read as it was', async (_what, options) => {
  const path = join(folder, 'image.tar.gz');
  execFileSync('tar', [...options, path, 'disk.raw'], { cwd: folder });

  const medium = await openTarGz(path);
  const found = new Uint8Array(medium.blocks * 512);
  medium.read(0, found, 0, found.length);

  expect(hashOf(found)).toBe(hashOf(readFileSync(join(folder, 'disk.raw'))));
});
