import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workFolder } from '../work-folder.ts';

const GUEST = new URL('killed-guest.ts', import.meta.url).pathname;
const BLOCK = 512;
/** 8 MiB, and a block: the end is on no border. */
const BLOCKS = 16_385;

const folder = workFolder();

test.each([
  ['of some blocks', 3, 9],
  ['above a MiB', 1000, 9001],
  ['to the end of the disk', 5001, BLOCKS - 5001],
  ['of the whole disk', 0, BLOCKS],
])('an UNMAP %s that was flushed stays, though the process is killed', (name, lba, blocks) => {
  const file = join(folder, `${name}.img`);
  writeFileSync(file, new Uint8Array(BLOCKS * BLOCK).fill(1));

  const { signal, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', GUEST, file, String(lba), String(blocks)],
    { encoding: 'utf8' },
  );

  const expected = new Uint8Array(BLOCKS * BLOCK).fill(1).fill(0, lba * BLOCK, (lba + blocks) * BLOCK);
  expect([signal, stderr]).toEqual(['SIGKILL', '']);
  expect(Buffer.compare(readFileSync(file), expected)).toBe(0);
});
