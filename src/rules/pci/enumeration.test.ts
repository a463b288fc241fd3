import { expect, test } from 'vitest';
import { AccessTrail } from '../../core/access.ts';
import { Journal } from '../../core/journal.ts';
import { Bridges } from './enumeration.proof.ts';
import { EnumerationWatch } from './enumeration.ts';

const ID = { vendor: 0x1ae0, revision: 0, subsystemVendor: 0, subsystem: 0 };
const BRIDGE = { ...ID, device: 0x0f48, class: 0x06_0400 };
const DISK = { ...ID, device: 0x001f, class: 0x01_0802 };
/** A switch with two ports, and a disk behind each. */
const PLUGGED = [
  [0x0028, BRIDGE],
  [0x0100, BRIDGE],
  [0x0200, BRIDGE],
  [0x0208, BRIDGE],
  [0x0300, DISK],
  [0x0400, DISK],
].map(([bdf, id]) => ({ bdf, id, subject: `port${bdf}`, bars: [] })) as never;

/** What is said of a scan that finds functions at these addresses. */
function saidOf(...bdfs: readonly number[]): readonly string[] {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const found = bdfs.map((bdf) => ({ bdf, id: bdf < 0x300 ? BRIDGE : DISK, bars: [] })) as never;
  new EnumerationWatch(journal).enumerated(found, PLUGGED);
  return journal.findings.map(({ clause, said }) => `${clause}: ${said}`);
}

test.each([
  [[0x28], 'bus 0 alone'],
  [[0x28, 0x100], 'buses 0, 1 alone'],
  [[0x28, 0x100, 0x200, 0x208], 'buses 0, 1, 2 alone'],
])('a scan that ends at %j is told once of what is behind', (bdfs, where) => {
  expect(saidOf(...bdfs)).toEqual([`pci/BRIDGES: the scan looked at ${where}, and did not find 03:00.0`]);
});

test('a scan that passes over one of two disks is told of that one', () => {
  expect(saidOf(0x28, 0x100, 0x200, 0x208, 0x300)).toEqual([
    'pci/BRIDGES: the scan looked at buses 0, 1, 2, 3 alone, and did not find 04:00.0',
  ]);
});

test('a scan may list what is behind bridges, and none of these', () => {
  expect(saidOf(0x300, 0x400)).toEqual([]);
});

test('a scan that goes on behind one bridge of a bus need not list the other', () => {
  expect(saidOf(0x28, 0x100, 0x208, 0x300, 0x400)).toEqual([]);
});

test('a scan that finds base addresses in the windows of bridges is told once of all', () => {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const bars = [2, 3].map((index) => ({ index, kind: 'mem32', size: 16, address: 0 }));
  const found = [0x28, 0x100, 0x200, 0x208].map((bdf) => ({ bdf, id: BRIDGE, bars }));
  const disks = [0x300, 0x400].map((bdf) => ({ bdf, id: DISK, bars: [] }));
  new EnumerationWatch(journal).enumerated([...found, ...disks] as never, PLUGGED);

  expect(journal.findings.map(({ subject, said, count }) => [subject, said, count])).toEqual([
    ['bridges', 'base address 2 of port40 was found; there is none', 8],
  ]);
});

test('a bridge whose last bus is too low is told of once, with the bus that it does not pass on', () => {
  const clock = { now: 0 };
  const journal = new Journal(clock, new AccessTrail(clock));
  const bridges = new Bridges(journal);
  bridges.last = 1;
  bridges.end();

  expect(journal.findings.map(({ clause, subject, said }) => `${clause}: ${subject}: ${said}`)).toEqual([
    'pci/BUS-NUMBER: bridges: Secondary Bus Number is 2, and Subordinate Bus Number of switch0.0 is 1',
  ]);
});
