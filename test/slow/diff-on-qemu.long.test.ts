import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { guestrig } from '../../src/cli/rig.ts';
import { DIFFERENCES } from '../../src/hosts/qemu/differences/index.ts';
import { partOf } from '../repeats.ts';
import { workFolder } from './work-folder.ts';

const present = spawnSync('qemu-system-x86_64', ['--version']).status === 0;
const folder = workFolder();
/** Rare ones need more questions than are asked here; some are of newer versions. */
const RARE = [
  ...['pci/latency', 'pci/virtio-bar', 'pm/doubleword', 'scsi/write-cache', 'virtio/bad-size'],
  ...['scsi/dpo-fua-told', 'qemu-pc/nic-ports', 'qemu-pc/ring-size', 'qemu-pc/selected'],
];

/** QEMU with one argument replaced. */
function otherQemu(name: string, sed: string): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `#!/bin/bash\nargs=()\nfor a; do args+=("$(sed '${sed}' <<< "$a")"); done\nexec qemu-system-x86_64 "\${args[@]}"\n`,
  );
  chmodSync(path, 0o755);
  return `qemu:${path}`;
}

describe.skipIf(!present)('guestrig diff --against qemu', () => {
  test.each(partOf(['gce-n1', 'qemu-pc'], 2))(
    'explains each difference of %s that 12,000 questions show, and each explanation is met',
    async (profile) => {
      const { status, out } = await guestrig(
        ...['diff', '--against', 'qemu', '--profile', profile, '--count', '12000', '--json'],
      );

      const report = JSON.parse(out);
      const met = new Set(report.explained.map(({ id }: { id: string }) => id));
      const all = Object.values(DIFFERENCES).flatMap((rows) =>
        rows.filter(({ of = profile }) => of === profile).map(({ id }) => id),
      );
      expect([report.unexplained, status]).toEqual([[], 0]);
      expect(all.filter((id) => !met.has(id) && !RARE.includes(id))).toEqual([]);
      expect(Object.values(report.asked).every((asked) => (asked as number) >= 2000)).toBe(true);
    },
  );

  test.each([
    ['another vendor of the disk', 's/vendor=Google/vendor=Gaggle/', /scsi INQUIRY: byte 9$/],
    ['a card with another address', 's/mac=42:01:0a:80:00:02/mac=42:01:0a:80:00:03/', /config\+5\/1$/],
    ['MSI-X of another size', 's/vectors=4/vectors=5/', /^pci 00:03\.0 4/],
  ])('fails with %s, which is unexplained', async (_what, sed, place) => {
    const other = otherQemu(sed.replaceAll(/\W/g, ''), sed);

    const { status, out } = await guestrig('diff', '--against', other, '--count', '2000', '--json');

    const { unexplained } = JSON.parse(out);
    const places = unexplained.map(({ first }: { first: { place: string } }) => first.place);
    expect(status).toBe(1);
    expect(
      places.some((one: string) => place.test(one)),
      places.join('\n'),
    ).toBe(true);
  });

  test('asks the same by the same seed, and other questions by another', async () => {
    const outs = [];
    for (const seed of ['7', '7', '8'])
      outs.push((await guestrig('diff', '--against', 'qemu', '--count', '300', '--seed', seed)).out);

    expect(outs[0]).toBe(outs[1]);
    expect(outs[2]).not.toBe(outs[0]);
    expect(outs[0]).toMatch(/\n\d+ differences, none unexplained\n$/);
  });
});
