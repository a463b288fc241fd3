import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { guestrig } from '../../src/cli/rig.ts';
import { workFolder } from './work-folder.ts';

const present = spawnSync('qemu-system-x86_64', ['--version']).status === 0;
const folder = workFolder();

describe.skipIf(!present)('guestrig probe --on qemu', () => {
  test('finds and uses every part of QEMU, and reports the differences from Compute Engine', async () => {
    const { status, out, err } = await guestrig('probe', '--on', 'qemu');

    expect([status, err]).toEqual([0, '']);
    expect(out).toMatch(/^guestrig {2}QEMU [\d.]+, 128 MiB, [\d.]+ ms of the host's time\n/);
    expect(out).toMatch(/^00:03\.0 +1af4:1004 +r00 .*MSI-X 4 +pin A → IRQ 11$/m);
    expect(out.match(/^ttyS\d .* irq \d +16550A, loopback works$/gm)).toHaveLength(4);
    expect(out).toMatch(/^disk .* Google PersistentDisk 1, 8 MiB, 512\/4096, SHA-256 /m);
    expect(out).toMatch(/^ +pass +gce\/NET-TRAFFIC +1,567 frames out, 1,567 back, equal$/m);
    expect(out).toMatch(/^ +pass +gce\/SCSI-READ +16384 blocks, SHA-256 equal$/m);
    expect(out).toMatch(/^ +pass +gce\/SERIAL +4 of 4 are 16550A on their IRQ$/m);
    expect(out).toMatch(/^ +waived +gce\/SCSI-SPC4 +Google PersistentDisk, version 5: /m);
    expect(out).toMatch(/^Rules for drivers +0 pass +0 fail/m);
  });

  test('only reads disks, possibly several', async () => {
    const files = ['one.img', 'two, with a comma.img'].map((name) => join(folder, name));
    const contents = [0x11, 0x22].map((byte) => new Uint8Array(1 << 20).fill(byte));
    for (const [i, file] of files.entries()) writeFileSync(file, contents[i]!);

    const { status, out } = await guestrig(
      ...['probe', '--on', 'qemu', '--json', '--disk', files[0]!, '--disk', files[1]!],
    );

    const report = JSON.parse(out);
    const read = report.verdicts.find(({ clause }: { clause: string }) => clause === 'gce/SCSI-READ');
    expect([status, read.outcome]).toEqual([0, 'pass']);
    expect(
      report.disks.map(({ target, blocks }: { target: number; blocks: number }) => [target, blocks]),
    ).toEqual([
      [1, 2048],
      [2, 2048],
    ]);
    const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    expect(files.map((file) => hash(readFileSync(file)))).toEqual(contents.map(hash));
  });
});
