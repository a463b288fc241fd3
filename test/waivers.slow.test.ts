import { describe, expect, test } from 'vitest';
import { type Conformance, conform, judge, SUITE, type Waiver } from '../src/conformance/index.ts';
import { covers } from '../src/conformance/waivers.ts';
import type { GuestPort } from '../src/core/guest-port.ts';
import type { Finding } from '../src/rules/index.ts';

const [FIRST, , , OTHER] = SUITE.map(({ name }) => name) as [string, string, string, string];
const CLAUSE = 'uart/THR-FULL';

/** Breaks the clause on two ports. */
const model = {
  name: 'two',
  drivers: [],
  run: (port: GuestPort) => {
    for (const base of [0x3f8, 0x2f8]) {
      port.out(base + 3, 3, 1);
      for (const byte of [0x61, 0x62]) port.out(base, byte, 1);
    }
  },
};

const played = (waive: readonly Waiver[], more: object = {}) =>
  conform(model, { scenarios: [FIRST, OTHER], waive, ...more });
const verdictOf = ({ verdicts }: Conformance) => verdicts.find(({ clause }) => clause === CLAUSE)!;
const subjects = (report: Conformance) => verdictOf(report).findings.map(({ subject }) => subject);

describe('a waiver', () => {
  test('of a clause on a device leaves its findings on others', () => {
    const report = played([{ clause: CLAUSE, subject: 'ttyS0', reason: 'is being mended' }]);

    expect([report.conforms, verdictOf(report).outcome, subjects(report)]).toEqual([
      false,
      'fail',
      ['ttyS1'],
    ]);
  });

  test('of a clause in a scenario leaves its findings in others', () => {
    const report = played([{ clause: CLAUSE, scenario: FIRST, reason: 'only there' }]);
    const { scenario, scenarios } = verdictOf(report);

    expect([report.conforms, scenario, scenarios]).toEqual([false, OTHER, [OTHER]]);
  });

  test('for each device waives the clause, with all reasons and links', () => {
    const report = played([
      { clause: CLAUSE, subject: 'ttyS0', reason: 'is being mended' },
      { clause: CLAUSE, subject: 'ttyS1', reason: 'a false alarm', link: 'https://example.org/12' },
    ]);

    expect([report.conforms, verdictOf(report).note]).toEqual([
      true,
      'is being mended; a false alarm (https://example.org/12)',
    ]);
  });

  test('that ended waives nothing, and is told of', () => {
    const waive = [{ clause: CLAUSE, reason: 'is being mended', until: '2026-11-30' } as const];
    const on = (today?: string) => played(waive, today === undefined ? {} : { today });
    const ended = on('2026-12-01');

    expect([on().conforms, on('2026-11-30').conforms, ended.conforms]).toEqual([true, true, false]);
    expect(ended.warnings).toEqual([
      'waive[0]: the waiver of uart/THR-FULL ended on 2026-11-30 (is being mended)',
    ]);
  });

  test('has the same form for one run', () => {
    const waive = [{ clause: CLAUSE, subject: 'ttyS0', reason: 'is being mended' } as const];
    const of = (more: Waiver[]) => judge(model, { waive: [...waive, ...more] }).verdicts;
    const [some, all] = [of([]), of([{ clause: CLAUSE, subject: 'ttyS1', reason: 'too' }])].map(
      (verdicts) => verdicts.find(({ clause }) => clause === CLAUSE)!,
    );

    expect([some!.outcome, some!.findings.map(({ subject }) => subject)]).toEqual(['fail', ['ttyS1']]);
    expect([all!.outcome, all!.note]).toEqual(['waived', 'is being mended; too']);
  });

  test.each([
    ['net0', true],
    ['net0 (00:04.0), transmit queue 1', true],
    ['net0 (00:04.0), transmit queue 0', false],
    ['net', false],
  ])('of %j covers a finding on a queue of net0: %j', (subject, isCovered) => {
    const finding = { clause: CLAUSE, subject: 'net0 (00:04.0), transmit queue 1' } as Finding;

    expect(covers({ clause: CLAUSE, subject, reason: 'x' }, finding, FIRST)).toBe(isCovered);
  });
});

test('an entry of a baseline for a scenario is gone if it does not occur there', () => {
  const known: Waiver[] = [
    { clause: CLAUSE, scenario: FIRST, subject: 'ttyS3', reason: 'old' },
    { clause: CLAUSE, reason: 'is known' },
  ];

  expect(played([], { baseline: { known } }).gone).toEqual([known[0]]);
});

test('an only that names nothing is misuse, strict or not: nothing would be judged', () => {
  expect(() => conform(model, { scenarios: [FIRST], only: ['uart/THR-FUL'], strict: false })).not.toThrow();
  expect(() => conform(model, { only: ['uart/TRH-FUL'] })).toThrow('did you mean uart/THR-FULL?');
});
