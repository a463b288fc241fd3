import { describe, expect, test } from 'vitest';
import { referenceModel } from '../../src/conformance/reference.ts';
import { gceN1 } from '../../src/index.ts';
import { BROKEN_DRIVERS } from '../../src/rules/all.mutants.ts';
import { brokenRun, judgedRun, REFERENCE_RUNS, recorded, replayed } from './recorded.ts';

/** With interrupts and polled, both interfaces, received frames, a changed balloon, a driver notified from outside. */
const REFERENCE = REFERENCE_RUNS.filter(({ name }) =>
  [
    'reference UART that names what it ends: a machine as its firmware leaves it',
    'reference, thorough: a balloon that is filled and emptied, and an entropy device',
    'reference, thorough: a cable that is out for a moment',
    'reference: frames that come with an undefined flag',
    'reference guest: a wire that sends back what it gets',
  ].includes(name),
);
/** One in this many. */
const EVERY = 90;
const BROKEN = BROKEN_DRIVERS.filter((_, i) => i % EVERY === 0);
const RUNS = [...REFERENCE, ...BROKEN.map(brokenRun)];

describe('a recorded run', () => {
  test('is of drivers of every kind', () => {
    expect([REFERENCE.length, BROKEN.length > 4]).toEqual([5, true]);
  });

  test.each(RUNS.map((run) => [run.name, run] as const))('has the same verdict: %s', (_name, run) => {
    const { verdicts, lines } = recorded(run);

    const again = replayed(lines);

    expect(again.verdicts).toEqual(verdicts);
    expect([again.departure, again.log.damaged, again.log.foreign]).toEqual([null, [], 0]);
  });

  test('has its machine and its format', () => {
    const [first] = recorded(REFERENCE[0]!).lines;

    expect(JSON.parse(first!)).toMatchObject({
      kind: 'machine',
      format: 2,
      profile: 'gce-n1',
      sight: 'accesses',
    });
  });
});

describe('a log of a guest whose stores to RAM were not seen', () => {
  const { lines } = recorded({ ...judgedRun(referenceModel(), () => gceN1()), past: true });
  const { verdicts, judges, lacks } = replayed(lines);

  test('says so', () => {
    expect(JSON.parse(lines[0]!)).toMatchObject({ kind: 'machine', sight: 'changes' });
    expect(lacks).toEqual([
      'What the guest stored to RAM was not seen: rules on its contents are not reached',
    ]);
  });

  test('is enough for rules of registers, and no good driver is accused', () => {
    const judged = verdicts.filter(({ clause }) => judges!.has(clause));

    expect(judged.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    expect(judged.filter(({ outcome }) => outcome === 'pass').map(({ clause }) => clause)).toEqual(
      expect.arrayContaining(['virtio/INIT-D2', 'virtio/FEAT-D1', 'virtio/PCI-KICK-D1']),
    );
  });

  test('is not enough for rings', () => {
    expect([...judges!].filter((clause) => /VQ-(AVAIL|DESC|BARRIER|AVSUP)/.test(clause))).toEqual([]);
  });
});

describe('an incomplete log', () => {
  const whole = recorded(
    brokenRun(BROKEN_DRIVERS.find(({ model }) => model.name === 'skips ACKNOWLEDGE')!),
  ).lines;
  const broken = (lines: readonly string[]) =>
    replayed(lines)
      .verdicts.filter(({ outcome }) => outcome === 'fail')
      .map(({ clause }) => clause);

  test('has console output skipped', () => {
    const mixed = whole.flatMap((line, i) =>
      i % 100 === 0 ? ['[    0.1] Linux version 6.12', line] : [line],
    );

    expect(broken(mixed)).toEqual(broken(whole));
    expect(replayed(mixed).log.foreign).toBe(Math.ceil(whole.length / 100));
  });

  test('has a record behind console output on the same line', () => {
    expect(broken(whole.map((line) => `login: ${line}`))).toEqual(broken(whole));
  });

  test('has its damaged lines reported by number, and is judged without them', () => {
    const damaged = whole.with(20, whole[20]!.slice(0, -9)).with(30, '{"at":1,"kind":"access","width":3}');

    const { log } = replayed(damaged);

    expect(log.damaged.map(({ line }) => line)).toEqual([21, 31]);
  });

  test.each([
    [
      '{"at":1,"kind":"outside","of":"nic net9","does":"receive","with":[]}',
      'there is no device to ask for receive of nic net9',
    ],
    [
      '{"at":1,"kind":"outside","of":"machine","does":"close","with":[]}',
      'there is no device to ask for close of machine',
    ],
    ['{"at":9e15,"kind":"guest","does":"time"}', 'its time is hours after that of the line before'],
    ['{"at":1,"kind":"told","of":"discovery","what":{}}', /./],
    ['{"at":1,"kind":"dream"}', '"dream" is no kind of record'],
  ])('is not trusted in everything: %s', (line, why) => {
    const { log } = replayed(whole.toSpliced(40, 0, line));

    expect(log.damaged).toEqual([{ line: 41, why: expect.stringMatching(why) }]);
  });

  test('is judged up to its end', () => {
    const cut = replayed(whole.slice(0, whole.length / 2));

    expect(cut.accesses).toBeGreaterThan(50);
    expect(cut.log.damagedTotal).toBe(0);
  });

  test('has nothing on stores to RAM if it has no machine', () => {
    const { verdicts, lacks } = replayed(whole.slice(1));

    expect(lacks).toHaveLength(1);
    expect(verdicts.filter(({ stores, outcome }) => stores !== undefined && outcome !== 'unreached')).toEqual(
      [],
    );
  });
});
