import { beforeAll, describe, expect, test } from 'vitest';
import { virtioScsiDriver } from '../../../src/guest/index.ts';
import { gceN1, MemoryMedium } from '../../../src/index.ts';
import { partOf } from '../../repeats.ts';
import { workFolder } from '../work-folder.ts';
import { DISKS, expectedOf, type TestedDisk } from './disks.ts';
import { compileNoSleep, runSuite, TESTS } from './iscsi-test-cu.ts';
import { openTarget } from './target.ts';

const DISK_SIZE = 64 << 20;
const folder = workFolder();
let noSleep: string;

const ROWS = DISKS.flatMap((disk) =>
  [...expectedOf(disk, TESTS)].map(([suite, expected]) => [suite, disk.name, disk, expected] as const),
);

/** Each suite has a disk of its own, and each session of it a machine with the reference driver. */
async function run(suite: string, { options, paths }: TestedDisk) {
  const medium = new MemoryMedium(DISK_SIZE, { readOnly: options.readOnly ?? false });
  const target = await openTarget(() => gceN1({ disks: [{ medium, ...options }] }).attach(virtioScsiDriver));
  const ran = await runSuite(suite, Array(paths).fill(target.url), noSleep);
  await target.close();
  return ran;
}

describe.skipIf(TESTS.length === 0)('the conformance tests of libiscsi end as declared', () => {
  beforeAll(() => {
    noSleep = compileNoSleep(folder);
  });

  test.each(partOf(ROWS, 2))('%s, on %s', async (suite, _name, disk, expected) => {
    const { outcomes, log } = await run(suite, disk);

    expect(outcomes, log).toEqual(expected);
  });
});
