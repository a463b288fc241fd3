import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { partOf } from '../../repeats.ts';
import { workFolder } from '../work-folder.ts';
import { type DebianGuest, debianGuest, diskOfPrograms } from './debian-guest.ts';

const folder = workFolder();
/** The kernel would otherwise fill each page with zeros before a disk does, and QEMU see that. */
const WORDS = 'console=ttyS0 quiet init_on_alloc=0 programs';
const PATIENCE = 580_000;

let guest: DebianGuest;
let disk: string;
beforeAll(() => {
  guest = debianGuest(folder);
  disk = diskOfPrograms(folder);
}, 180_000);

const saidIn = (console: string) => /report: runs (\d+)\s+report: deaths (\d+)/.exec(console)?.slice(1);

async function behindOurs(options: object): Promise<readonly string[] | undefined> {
  const file = join(folder, 'options.json');
  writeFileSync(file, JSON.stringify(options));
  const { kernel, initrd, qemu } = guest;
  let console = '';
  const hear = (text: string) => (console += text);
  const argv = ['--on', `qemu:${qemu}`, '--kernel', kernel, '--initrd', initrd, '--append', WORDS];
  await run(['boot', ...argv, '--disk', disk, '--options', file, '--limit', '570s'], {
    out: hear,
    err: hear,
    color: false,
  });
  return saidIn(console);
}

function behindTheirs(): readonly string[] | undefined {
  const { kernel, initrd, qemu } = guest;
  return saidIn(
    execFileSync(
      qemu,
      [
        ...['-nodefaults', '-display', 'none', '-accel', 'tcg', '-serial', 'stdio', '-m', '512M'],
        ...['-device', 'virtio-scsi-pci', '-drive', `if=none,id=d,format=raw,readonly=on,file=${disk}`],
        ...['-device', 'scsi-hd,drive=d', '-kernel', kernel, '-initrd', initrd, '-append', WORDS],
      ],
      { encoding: 'utf8', timeout: PATIENCE },
    ),
  );
}

/** 25 rounds of dropping the disk's cache, and of starting 13 programs from it. */
const ALL_LIVED = ['325', '0'];

/** One with each commit: each takes half a minute of a processor. */
test.each(
  partOf(
    [
      ['our legacy disk', () => behindOurs({ virtio: 'legacy' })],
      ['our modern disk', () => behindOurs({ virtio: 'modern' })],
      ["QEMU's own disk", behindTheirs],
    ] as const,
    3,
  ),
)(
  'no program of a Debian dies whose pages %s fills again and again',
  async (_disk, behind) => {
    expect(await behind()).toEqual(ALL_LIVED);
  },
  PATIENCE,
);
