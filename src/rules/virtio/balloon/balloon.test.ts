import { expect, test } from 'vitest';
import { BalloonRig } from '../../../virtio/balloon/balloon-rig.ts';
import { BALLOON_FEATURE, BALLOON_STAT } from '../../../virtio/balloon/registers.ts';
import { BALLOON } from './pages.ts';
import { BALLOON_STATISTICS } from './statistics.ts';

const { PAGE } = BalloonRig;
const { MEMFREE } = BALLOON_STAT;
const CLAUSES = Object.keys({ ...BALLOON, ...BALLOON_STATISTICS });
const met = (rig: BalloonRig) =>
  CLAUSES.filter((clause) => rig.journal.reached(clause)).map((clause) =>
    clause.replace('virtio/BALLOON-', ''),
  );

test('kicks of empty queues meet none of the rules of pages', () => {
  const rig = new BalloonRig().start(BALLOON_FEATURE.STATS_VQ);

  for (const queue of [0, 1, 2]) rig.kick(queue);

  expect(met(rig)).toEqual([]);
});

test('inflating meets the rules of inflating, and none of deflating', () => {
  const rig = new BalloonRig().start(BALLOON_FEATURE.STATS_VQ);

  rig.inflate(PAGE);

  expect(met(rig)).toEqual(['IMP-1', 'IMP-2', 'IMP-3', 'IMP-4']);
});

test('a driver without STATS_VQ could use the statsq whenever it kicks another', () => {
  const rig = new BalloonRig().start();

  rig.kick(0);

  expect(met(rig)).toEqual(['IMP-6']);
});

test('one buffer of statistics is no second one, and has no tags to be compared with', () => {
  const rig = new BalloonRig().start(BALLOON_FEATURE.STATS_VQ);

  rig.tell([MEMFREE, 1n]);
  rig.device.askStats();
  rig.tell([MEMFREE, 1n]);

  expect(met(rig)).toEqual(['IMP-1', 'STAT-D1', 'STAT-D5']);
});

test('actual may be written while the balloon is empty, and then filled', () => {
  const rig = new BalloonRig().start();

  rig.say(0);
  rig.inflate(PAGE);

  expect(rig.findings).toEqual([]);
});

test('a driver that takes several acknowledgements one after the other may write actual for each', () => {
  const rig = new BalloonRig().start();
  for (const page of [PAGE, PAGE + 1, PAGE + 2]) rig.inflate(page);
  for (const actual of [1, 2, 3]) rig.say(actual);
  for (const page of [PAGE, PAGE + 1, PAGE + 2]) rig.deflate(page);
  for (const actual of [2, 1, 0]) rig.say(actual);

  rig.journal.end();

  expect(rig.findings).toEqual([]);
});

test.each([
  ['does not go back behind what it said', [3, 2]],
  ['says no number that the balloon never had', [4]],
])('such a driver %s', (_what, said) => {
  const rig = new BalloonRig().start();
  for (const page of [PAGE, PAGE + 1, PAGE + 2]) rig.inflate(page);

  for (const actual of said) rig.say(actual);

  expect(rig.journal.count('virtio/BALLOON-OP-D7')).toBe(1);
});

test('a driver that is one request behind with actual, each time it sends another, is found', () => {
  const rig = new BalloonRig().start();

  for (const [actual, page] of [PAGE, PAGE + 1, PAGE + 2].entries()) {
    rig.inflate(page);
    rig.say(actual);
  }

  expect(rig.journal.count('virtio/BALLOON-OP-D7')).toBeGreaterThan(0);
});

test('a wrong actual is shown with the request that it misses', () => {
  const rig = new BalloonRig().start();
  rig.inflate(PAGE);
  for (let i = 0; i < 10; i++) rig.in(0x12, 1);

  rig.say(2);

  const { accesses, skipped } = rig.journal.of('virtio/BALLOON-OP-D7')[0]!.evidence;
  // Four bytes of actual; behind ten reads of the status, the kick.
  expect([accesses.length, skipped, accesses[0]?.address]).toEqual([5, 10, 0xc050]);
});

test('a page that was written to is shown by the address of its first word that is not 0', () => {
  const rig = new BalloonRig().start();
  rig.inflate(PAGE);
  rig.page(PAGE)[0x123] = 1;

  rig.deflate(PAGE);

  expect(rig.journal.of('virtio/BALLOON-OP-D3')[0]!.evidence.facts).toEqual(['not zero: 00300120']);
});

test('a page that is in the balloon at the end of a run, and was written to, is found', () => {
  const rig = new BalloonRig().start();
  rig.inflate(PAGE);
  rig.say(1);
  rig.page(PAGE)[0x123] = 1;

  rig.journal.end();

  expect(rig.findings).toEqual([
    'virtio/BALLOON-OP-D3 balloon0, inflate queue (queue 0): page 768 was written to while it was in the balloon',
  ]);
});

test.each([
  ['is found when the driver resets the device', (rig: BalloonRig) => rig.out(0x12, 0, 1), 1],
  ['is not looked at when the machine is reset', (rig: BalloonRig) => rig.device.reset('hard'), 0],
])('a page in the balloon that was written to %s', (_when, ends, found) => {
  const rig = new BalloonRig().start();
  rig.inflate(PAGE);
  rig.say(1);
  rig.page(PAGE)[0x123] = 1;

  ends(rig);
  rig.journal.end();

  expect(rig.findings).toHaveLength(found);
});
