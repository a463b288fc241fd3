import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { guestrig } from '../../src/cli/rig.ts';
import { partOf } from '../repeats.ts';
import { workFolder } from '../slow/work-folder.ts';
import { built } from './built.ts';

/** One commit in four: its disk takes minutes to build. */
const isPlayed = partOf([true], 4).length > 0;
const folder = isPlayed ? built('cloud/disk.sh') : '';
const work = workFolder();

interface Line {
  readonly name: string;
  readonly verdict: string;
  readonly cause: string;
}

async function judged(file: string) {
  const { status, out, err } = await guestrig('image', file, '--reporter', 'json');
  const { lines, command } = JSON.parse(out) as { lines: Line[]; command: string };
  return {
    status,
    err,
    command,
    of: (verdict: string) => lines.filter((line) => line.verdict === verdict).map(({ name }) => name),
  };
}

describe.runIf(isPlayed)(
  'an image of Debian 13 with the packages of its cloud images, and the guest agent',
  () => {
    test('passes, packed as Compute Engine takes it', async () => {
      const archive = join(work, 'image.tar.gz');
      execFileSync('tar', ['--format=oldgnu', '-Sczf', archive, 'disk.raw'], { cwd: folder });

      const { status, err, command, of } = await judged(archive);

      expect({ status, err, fails: of('fail'), unjudged: of('unreached') }).toEqual({
        status: 0,
        err: '',
        fails: [],
        unjudged: [],
      });
      // The udev rules are in no package of Debian's.
      expect(of('noted')).toEqual(['names of disks']);
      expect(command).toMatch(
        /--guest-os-features=UEFI_COMPATIBLE,GVNIC,VIRTIO_SCSI_MULTIQUEUE,SEV_CAPABLE$/,
      );
    });
  },
);
