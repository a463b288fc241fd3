import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { workFolder } from './work-folder.ts';

const folder = workFolder();

/** What pciutils makes of our dump: the address, the identity, and the revision where it is not 0. */
async function listed(machine: string): Promise<string[]> {
  let dump = '';
  await run(['lspci', '--machine', machine], { out: (text) => (dump += text), err: () => {}, color: false });
  const file = join(folder, `${machine}.txt`);
  writeFileSync(file, dump);
  const said = execFileSync('lspci', ['-F', file, '-n'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return said.trim().split('\n').map(withoutClass);
}

/** `00:03.0 0200: 1ae0:0042` without the class. */
const withoutClass = (line: string) => line.replace(/ [0-9a-f]{4}:/, '');

/** The bridges of an N1, which the lists of C4 and E2 have, too. */
const BRIDGES = ['00:00.0 8086:1237 (rev 02)', '00:01.0 8086:7110 (rev 03)', '00:01.3 8086:7113 (rev 03)'];

/** Lists of functions that guests printed. What differs here is in `ours`, and why. */
const SEEN = {
  'C4 (GKE nodes, about 2025), for want of a list of a C3': {
    machine: 'c3',
    seen: [
      ...BRIDGES,
      '00:03.0 1ae0:0042',
      '00:04.0 1af4:1005',
      '00:05.0 1ae0:0f48',
      '03:00.0 1ae0:001f (rev 01)',
    ],
    // The bridges of a C4 are not modelled: NVMe is on bus 0.
    differs: { '00:05.0 1ae0:0f48': null, '03:00.0 1ae0:001f (rev 01)': '00:05.0 1ae0:001f (rev 01)' },
  },
  'T2A (Linux 6.1, January 2023)': {
    machine: 't2a',
    // The log has no revisions.
    seen: ['00:00.0 1ae0:0042', '00:01.0 1af4:1005', '00:02.0 1ae0:001f'],
    differs: { '00:02.0 1ae0:001f': '00:02.0 1ae0:001f (rev 01)' },
  },
  'E2 (a survey of an e2-standard-4, May 2026)': {
    machine: 'e2',
    // It names the card's address and driver, and that the disks are SCSI.
    seen: [...BRIDGES, '00:03.0 1af4:1004', '00:04.0 1af4:1000'],
    differs: {},
  },
} as const;

describe.each(Object.entries(SEEN))('lspci of %s', (_name, { machine, seen, differs }) => {
  test('is ours, but for what is declared', async () => {
    const declared: Readonly<Record<string, string | null>> = differs;
    const expected = seen
      .map((line) => (line in declared ? declared[line]! : line))
      .filter((line) => line !== null);

    expect(await listed(machine)).toEqual(expected);
  });
});
