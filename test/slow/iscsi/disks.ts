import type { DiskOptions } from '../../../src/index.ts';
import type { Outcome } from './iscsi-test-cu.ts';

/** Tests, each `Suite.Test` or all of a `Suite`, that do not pass, and why. A later one counts before an earlier. */
type Lack = readonly [outcome: Outcome, why: string, tests: readonly string[]];

/** A kind of disk, and what is known of it. */
export interface TestedDisk {
  readonly name: string;
  readonly options: Partial<DiskOptions>;
  /** With two, the second is a machine of its own on the same medium. */
  readonly paths: 1 | 2;
  /** Default: all. */
  readonly suites?: readonly string[];
  readonly lacks: readonly Lack[];
}

/** No disk of Compute Engine was seen to have these. */
const NOT_OFFERED: readonly Lack[] = [
  ['skip', 'no COMPARE AND WRITE', ['CompareAndWrite']],
  ['skip', 'no GET LBA STATUS', ['GetLBAStatus']],
  ['skip', 'no ORWRITE', ['OrWrite']],
  ['skip', 'no PRE-FETCH', ['Prefetch10', 'Prefetch16']],
  ['skip', 'no READ DEFECT DATA', ['ReadDefectData10', 'ReadDefectData12']],
  ['skip', 'no RESERVE(6) and RELEASE(6)', ['Reserve6']],
  ['skip', 'no SANITIZE', ['Sanitize']],
  ['skip', 'no VERIFY', ['Verify10', 'Verify12', 'Verify16']],
  ['skip', 'no WRITE ATOMIC(16)', ['WriteAtomic16']],
  ['skip', 'no WRITE SAME', ['WriteSame10', 'WriteSame16']],
  ['skip', 'no WRITE AND VERIFY', ['WriteVerify10', 'WriteVerify12', 'WriteVerify16']],
];

/** A disk of Compute Engine has a caching page only: MODE SENSE of all pages brings 1F 00 00 08. */
const CACHING_PAGE_ONLY: readonly Lack[] = [
  ['skip', 'no control page, so no D_SENSE to compare sense data with', ['ModeSense6.Control-D_SENSE']],
  ['fail', 'the test wants a control page', ['ModeSense6.Control', 'ModeSense6.Control-SWP']],
  ['fail', 'the test sets SWP in the control page before it asks for SANITIZE', ['Sanitize.Readonly']],
];

const NO_COPIES: Lack = [
  'skip',
  'no EXTENDED COPY and RECEIVE COPY RESULTS: it copies nothing for others',
  ['ExtendedCopy', 'ReceiveCopyResults'],
];
const WRITABLE: Lack = ['skip', 'it may be written', ['ReadOnly']];
const FIXED: Lack = ['skip', 'its medium is not removable', ['NoMedia', 'PreventAllow', 'StartStopUnit']];
const ONE_PATH: Lack = ['skip', 'it has one path', ['MultipathIO']];

const RESERVATIONS = [
  ...['PrinReadKeys', 'PrinServiceactionRange', 'PrinReportCapabilities'],
  ...['ProutRegister', 'ProutReserve', 'ProutClear', 'ProutPreempt'],
];

export const DISKS: readonly TestedDisk[] = [
  {
    name: 'a disk of one machine',
    options: {},
    paths: 1,
    lacks: [
      ...NOT_OFFERED,
      ...CACHING_PAGE_ONLY,
      ...[NO_COPIES, WRITABLE, FIXED, ONE_PATH],
      ['skip', 'no persistent reservations without multiWriter', RESERVATIONS],
    ],
  },
  {
    name: 'a disk of two machines',
    options: { multiWriter: true },
    paths: 2,
    lacks: [
      ...NOT_OFFERED,
      ...CACHING_PAGE_ONLY,
      ...[NO_COPIES, WRITABLE, FIXED],
      ['skip', 'no COMPARE AND WRITE', ['MultipathIO.CompareAndWrite', 'MultipathIO.CompareAndWriteAsync']],
    ],
  },
  {
    name: 'a disk of two machines with all commands',
    options: { multiWriter: true, commands: 'all' },
    paths: 2,
    lacks: [
      ...[NO_COPIES, WRITABLE, FIXED],
      ['skip', 'no alignment and granularity to keep', ['WriteAtomic16.VPD']],
      ['fail', 'the test wants a status for another block than it asks for', ['GetLBAStatus.UnmapSingle']],
      [
        'fail',
        'the test changes no CDB, so the blocks are compared, and differ',
        ['CompareAndWrite.InvalidDataOutSize'],
      ],
      [
        'fail',
        'the test sends FF to be unmapped; unmapped blocks read zero, so it is written',
        ['WriteSame10.UnmapUntilEnd'],
      ],
      ['fail', 'there are no groups', ['Prefetch10.Flags', 'Prefetch16.Flags']],
      ['fail', 'the test wants it to last for seconds', ['Sanitize.Reset']],
    ],
  },
  {
    name: 'a disk that is read-only',
    options: { readOnly: true, commands: 'all' },
    paths: 1,
    suites: ['ReadOnly'],
    lacks: [],
  },
];

/** What is to become of each of `tests`, by suite. */
export function expectedOf(
  { suites, lacks }: TestedDisk,
  tests: readonly string[],
): Map<string, Record<string, Outcome>> {
  const bySuite = new Map<string, Record<string, Outcome>>();
  const declare = (suite: string, name: string, outcome: Outcome) => {
    if (suites?.includes(suite) ?? true) bySuite.set(suite, { ...bySuite.get(suite), [name]: outcome });
  };
  for (const [suite, name] of tests.map(partsOf)) declare(suite, name!, 'pass');
  for (const [outcome, , names] of lacks)
    for (const [suite, one] of names.map(partsOf))
      for (const name of one === undefined ? Object.keys(bySuite.get(suite) ?? {}) : [one])
        declare(suite, name, outcome);
  return bySuite;
}

function partsOf(name: string): [suite: string, test?: string] {
  return name.split('.') as [string, string?];
}
