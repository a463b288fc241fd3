import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { virtioScsi, virtioScsiDriver } from '../../src/guest/index.ts';
import { gceN1 } from '../../src/machine/gce-n1.ts';
import { workFolder } from './work-folder.ts';

const BLOCK = 512;
const SIZE = 16 << 20;
/** More than a file system block, so that it takes several, all different. */
const ADDED = Array.from({ length: 20_000 }, (_, i) => `line ${i} of a file that a guest has added\n`).join(
  '',
);

const folder = workFolder();
const image = join(folder, 'made.img');
/** The same, with a file added by e2fsprogs itself. */
const edited = join(folder, 'edited.img');

beforeAll(() => {
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'deep', 'er'), { recursive: true });
  writeFileSync(join(tree, 'motd'), 'hello\n');
  // Every 32-bit word differs, so that a block in the wrong place is seen.
  writeFileSync(
    join(tree, 'deep', 'er', 'counting.bin'),
    Uint32Array.from({ length: 1 << 20 }, (_, i) => i),
  );
  writeFileSync(image, '');
  truncateSync(image, SIZE);
  execFileSync('mkfs.ext4', ['-q', '-F', '-d', tree, image]);
  copyFileSync(image, edited);
  const added = join(folder, 'added.txt');
  writeFileSync(added, ADDED);
  execFileSync('debugfs', ['-w', '-R', `write ${added} added.txt`, edited], { stdio: 'ignore' });
});

function copyOf(original: string, name: string): string {
  const copy = join(folder, name);
  copyFileSync(original, copy);
  return copy;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What `debugfs` prints for one of its commands. */
function debugfs(file: string, command: string): string {
  return execFileSync('debugfs', ['-R', command, file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** Runs of blocks in which two images of one size differ. */
function differences(before: Buffer, after: Buffer): { lba: number; data: Buffer }[] {
  const runs: { lba: number; data: Buffer }[] = [];
  let start = -1;
  for (let lba = 0; lba <= after.length / BLOCK; lba++) {
    const at = lba * BLOCK;
    const differs = at < after.length && before.compare(after, at, at + BLOCK, at, at + BLOCK) !== 0;
    if (differs && start < 0) start = lba;
    if (differs || start < 0) continue;
    runs.push({ lba: start, data: after.subarray(start * BLOCK, at) });
    start = -1;
  }
  return runs;
}

describe('an ext4 image made by mkfs.ext4', () => {
  test.each(['polled', 'intx', 'msix'] as const)('is read whole, %s, with equal SHA-256', (interrupts) => {
    const machine = gceN1({ disks: [{ file: image, readOnly: true }] });
    const host = machine.attach(virtioScsi({ interrupts }));
    const { blocks } = host.readCapacity(1);
    const hash = createHash('sha256');

    host.readEach(1, 0, blocks, (bytes) => hash.update(bytes));
    machine.close();

    expect(blocks * BLOCK).toBe(SIZE);
    expect(hash.digest('hex')).toBe(sha256(readFileSync(image)));
    expect(machine.findings).toEqual([]);
  });

  test('that a guest has edited block by block is whole, and has the new file', () => {
    const file = copyOf(image, 'guest.img');
    const changes = differences(readFileSync(image), readFileSync(edited));
    const machine = gceN1({ disks: [{ file }] });
    const host = machine.attach(virtioScsiDriver);

    for (const { lba, data } of changes) host.write(1, lba, data);
    host.flush(1);
    machine.close();

    // Its content, and beside it the directory, the bitmaps, the inode and the superblock.
    expect(changes.length).toBeGreaterThan(4);
    expect(debugfs(image, 'cat added.txt')).toBe('');
    expect(() => execFileSync('e2fsck', ['-fn', file], { stdio: 'pipe' })).not.toThrow();
    expect(debugfs(file, 'cat added.txt')).toBe(ADDED);
    expect(sha256(readFileSync(file))).toBe(sha256(readFileSync(edited)));
    expect(machine.findings).toEqual([]);
  });

  test('that is read-only refuses a write with DATA PROTECT, and stays unchanged', () => {
    const file = copyOf(image, 'protected.img');
    const machine = gceN1({ disks: [{ file, readOnly: true }] });
    const host = machine.attach(virtioScsiDriver);

    const write = () => host.write(1, 2, new Uint8Array(BLOCK).fill(0xa5));

    expect(write).toThrow('DATA PROTECT 7/27/00');
    machine.close();
    expect(sha256(readFileSync(file))).toBe(sha256(readFileSync(image)));
  });
});
