import { describe, expect, test } from 'vitest';
import { newestSet } from '../src/rules/sets.ts';
import '../src/vitest/index.ts';
import {
  assertConforms,
  BROKEN_DRIVERS,
  type Conformance,
  ConformanceError,
  conform,
  type DriverModel,
  failureOf,
  IdleModelError,
  judge,
  OutOfTimeError,
  renderFinding,
  SUITE,
} from '../src/conformance/index.ts';
import { referenceModel } from '../src/conformance/reference.ts';
import { suiteReport } from '../src/conformance/report/suite-report.ts';
import type { GuestPort } from '../src/core/guest-port.ts';
import { EndlessLoopError } from '../src/index.ts';
import { github } from '../src/report/github.ts';
import { reportHtml } from '../src/report/html.ts';
import { junit } from '../src/report/junit.ts';
import { sarif } from '../src/report/sarif.ts';
import { reportText } from '../src/report/text.ts';

const FIRST = SUITE[0]!.name;

const model = (run: (port: GuestPort) => void): DriverModel => ({ name: 'mine', drivers: [], run });
/** A tenth of a second: a hundred thousand accesses. */
const TIME = 100_000_000;
const stoppedBy = (run: (port: GuestPort) => void) =>
  conform(model(run), { scenarios: [FIRST], machine: { patience: 1000 }, time: TIME }).stopped[0]?.stopped;

test('two runs of the same seeds give the same report, byte for byte', () => {
  const options = { seeds: [1, 2], scenarios: ['devices that overtake themselves', FIRST] };

  const [one, other] = [conform(referenceModel(), options), conform(referenceModel(), options)];

  expect(JSON.stringify(one)).toBe(JSON.stringify(other));
  expect(one.runs.map(({ seed }) => seed)).toEqual([1, 2, 1, 2]);
});

describe('a driver that does not finish', () => {
  test('because it spins is reported, and the suite goes on', () => {
    const spins = stoppedBy((port) => {
      for (;;) port.in(0x3fd, 1);
    });

    expect(spins).toBeInstanceOf(EndlessLoopError);
  });

  test('because it works without end, too', () => {
    const busy = stoppedBy((port) => {
      for (let i = 0; ; i++) port.out(0x3ff, i & 0xff, 1);
    });

    expect(busy).toBeInstanceOf(OutOfTimeError);
  });

  test('because it never began, too', () => {
    expect(stoppedBy(() => {})).toBeInstanceOf(IdleModelError);
  });
});

test('runs that would not end come first among those that stopped, in every form of a report', () => {
  let runs = 0;
  const throwsFirst = model((port) => {
    if (runs++ === 0) throw new Error('sick');
    for (;;) port.in(0x3fd, 1);
  });
  const played = { scenarios: [FIRST, SUITE[1]!.name], machine: { patience: 1000 } };

  const report = suiteReport(conform(throwsFirst, played), '/');

  const ENDLESS = /EndlessLoopError: .*Error: sick/s;
  expect([reportText(report, false), github(report), reportHtml(report)]).toEqual(
    Array(3).fill(expect.stringMatching(ENDLESS)),
  );
  expect(JSON.stringify(sarif(report).runs[0]!.results)).toMatch(ENDLESS);
});

describe('a driver with one mistake', () => {
  const { model: broken, clause } = BROKEN_DRIVERS.find(({ clause: id }) => id === 'virtio/FEAT-D1')!;
  const options = { scenarios: [FIRST] };

  test('fails by its clause, and the place is reported', () => {
    const { verdicts, conforms } = conform(broken, options);

    expect(conforms).toBe(false);
    expect(verdicts.find((verdict) => verdict.clause === clause)).toMatchObject({
      outcome: 'fail',
      scenario: FIRST,
      seed: 1,
      broken: 1,
    });
  });

  test('conforms where that is waived', () => {
    const { conforms } = conform(broken, { ...options, waive: { [clause]: 'known' } });

    expect(conforms).toBe(true);
  });

  test('fails by a required clause that was not reached', () => {
    const { verdicts } = conform(broken, { ...options, require: ['virtio/RNG-OP-D1'] });

    expect(verdicts.find((verdict) => verdict.clause === 'virtio/RNG-OP-D1')).toMatchObject({
      outcome: 'fail',
      note: 'nothing reached it, and it is required',
    });
  });
});

describe('a report is asserted as a judgement is', () => {
  const { model: broken, clause } = BROKEN_DRIVERS.find(({ clause: id }) => id === 'virtio/FEAT-D1')!;
  const options = { scenarios: [FIRST] };
  const failed = conform(broken, { ...options, require: ['virtio/RNG-OP-D1'] });

  test('a conforming report passes', () => {
    const report = conform(referenceModel(), options);

    expect(report).toConform();
    expect(failureOf(report)).toBeNull();
  });

  test('broken clauses, their places, and required clauses not reached are reported', () => {
    const finding = failed.verdicts.find((verdict) => verdict.clause === clause)!.findings[0]!;

    expect(failed).not.toConform();
    expect(failed).toHaveBroken(clause);
    expect(() => assertConforms(failed)).toThrow(ConformanceError);
    expect(failureOf(failed)!.message).toBe(
      [
        `${broken.name} does not conform: 2 clauses fail`,
        `${renderFinding(finding)}\n  in "${FIRST}", seed 1`,
        'virtio/RNG-OP-D1: nothing reached it, and it is required',
      ].join('\n\n'),
    );
  });

  test("a driver's error is reported, with its place, and is the cause", () => {
    const sick = new Error('sick');
    const throws = model((port) => {
      port.in(0x3fd, 1);
      throw sick;
    });

    const failure = failureOf(conform(throws, { ...options, seeds: [7] }))!;

    expect(failure.message).toBe(
      `mine does not conform: 1 run stopped\n\nstopped: Error: sick\n  in "${FIRST}", seed 7`,
    );
    expect(failure.cause).toBe(sick);
  });
});

describe('what is known of a driver', () => {
  const { model: broken, clause } = BROKEN_DRIVERS.find(({ clause: id }) => id === 'virtio/FEAT-D1')!;
  const outcome = ({ verdicts }: Conformance) => verdicts.find((one) => one.clause === clause)!.outcome;
  const throwing = model((port) => {
    port.in(0x3fd, 1);
    throw new Error('sick');
  });

  test('is waived by the entries of a baseline, and what is gone is told', () => {
    const known = [
      { clause, reason: 'is being mended' },
      { clause: 'virtio/INIT-D1', reason: 'was mended' } as const,
    ];

    const report = conform(broken, { scenarios: [FIRST], baseline: { known } });

    expect([outcome(report), report.conforms, report.gone]).toEqual(['waived', true, [known[1]]]);
  });

  test.each([
    ['by name', { waive: { [FIRST]: 'is to be cured' } }],
    ['in a baseline', { baseline: { known: [{ stopped: FIRST, reason: 'is to be cured' }] } }],
  ])('may be a run that stops, waived %s', (_, options) => {
    const report = conform(throwing, { scenarios: [FIRST], ...options });

    expect([report.conforms, report.stopped]).toEqual([true, []]);
    expect(report.waived).toEqual([{ scenario: FIRST, reason: 'is to be cured' }]);
  });

  test('is not asked of clauses that are not judged', () => {
    const others = conform(broken, { scenarios: [FIRST], only: ['virtio/INIT', 'uart'] });
    const its = conform(broken, { scenarios: [FIRST], only: ['virtio/FEAT'] });

    expect([others.conforms, its.conforms]).toEqual([true, false]);
    expect(new Set(others.verdicts.map((one) => one.clause.split('-')[0]))).toContain('virtio/INIT');
    expect(others.verdicts.map((one) => one.clause)).not.toContain(clause);
  });
});

test('a broken note has one word in verdicts and reports, and fails nothing', () => {
  const noted = model((port) => {
    // CONFADD has no bits 1 and 0.
    port.out(0xcf8, 0x8000_0001, 4);
    port.in(0xcfd, 1);
  });
  const report = conform(noted, { scenarios: [FIRST] });
  const outcomes = report.verdicts.filter(({ broken }) => broken > 0).map((one) => [one.clause, one.outcome]);

  expect([report.conforms, outcomes]).toEqual([true, [['pci/CONFADD-ALIGN', 'noted']]]);
  expect(judge(noted).verdicts.find(({ clause }) => clause === 'pci/CONFADD-ALIGN')!.outcome).toBe('noted');
  expect(junit(suiteReport(report, '/'))).toMatch(
    /name="pci\/CONFADD-ALIGN [^"]+"><skipped message="noted: /,
  );
});

test('progress is reported after each run', () => {
  const told: unknown[] = [];

  conform(referenceModel(), {
    scenarios: [FIRST],
    seeds: [4, 5],
    onRun: ({ scenario, seed }, done, all) => told.push([scenario, seed, done, all]),
  });

  expect(told).toEqual([
    [FIRST, 4, 1, 2],
    [FIRST, 5, 2, 2],
  ]);
});

test.each([
  [
    'a waiver',
    { waive: { none: 'why' }, strict: true },
    'waive must be a clause (guestrig clauses lists them); got "none"',
  ],
  [
    'a beginning',
    { only: ['none'] },
    `options.only must be a clause of the rules ${newestSet()}, or the beginning of one; got "none"`,
  ],
  ['a scenario', { scenarios: ['none'] }, 'options.scenarios must be a scenario of the suite; got "none"'],
  [
    'a clause',
    { require: ['none' as never], strict: true },
    'options.require must be a clause (guestrig clauses lists them); got "none"',
  ],
  [
    'a profile',
    { profile: 'none' as never },
    'options.profile must be one of gce-n1, gce-n2, gce-e2, gce-c3, gce-t2a, qemu-pc; got "none"',
  ],
  ['a listener', { onRun: 'none' as never }, 'options.onRun must be a function; got "none"'],
  [
    'an option',
    { sceanrios: [FIRST] } as never,
    'options.sceanrios: there is no such option; did you mean scenarios?',
  ],
  ['no seed', { seeds: [] }, 'options.seeds must be a list of at least one seed; got []'],
])('%s that does not exist is misuse', (_, options, message) => {
  expect(() => conform(referenceModel(), options)).toThrow(message);
});
