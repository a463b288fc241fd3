import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Conformance } from '../../../src/conformance/index.ts';
import type { ClauseId } from '../../../src/rules/index.ts';

/** Ten clauses that came with 0.3. */
const TEN = Array.from({ length: 10 }, (_, i) => `virtio/TEN-D${i + 1}` as ClauseId);
const ROW = {
  strength: 'MUST',
  where: 'virtio 1.5',
  text: 'A driver MUST keep ten more.',
  advice: 'Keep them.',
};

/** The suite as it is, or as it will be with the ten. */
async function worldWith(added: readonly ClauseId[]) {
  vi.resetModules();
  vi.doMock('../../../src/rules/all.rules.ts', async (original) => {
    const { CLAUSES } = await original<{ CLAUSES: object }>();
    return { CLAUSES: { ...CLAUSES, ...Object.fromEntries(added.map((id) => [id, ROW])) } };
  });
  vi.doMock('../../../src/rules/history.ts', async (original) => ({
    ...(await original<object>()),
    LATER: added.length > 0 ? { '0.3': added } : {},
    RETIRED: added.length > 0 ? { 'virtio/OLD-D1': { until: '0.3', now: 'virtio/TEN-D1' } } : {},
  }));
  const [conformance, suite, matchers, { gceN1 }] = await Promise.all([
    import('../../../src/conformance/index.ts'),
    import('../../../src/conformance/report/suite-report.ts'),
    import('../../../src/report/text.ts'),
    import('../../../src/machine/gce-n1.ts'),
  ]);
  return { ...conformance, ...suite, ...matchers, gceN1 };
}
type World = Awaited<ReturnType<typeof worldWith>>;

/** Its driver breaks an old clause, and each of the ten. */
const model = {
  name: 'mine',
  drivers: [],
  run: (port: { out(at: number, value: number, width: 1): void }, _handles: unknown, machine: object) => {
    port.out(0x3fb, 3, 1);
    for (const byte of [0x61, 0x62]) port.out(0x3f8, byte, 1);
    breakTen(machine);
  },
};

function breakTen(machine: object): void {
  const { journal } = machine as ReturnType<World['gceN1']>;
  for (const clause of TEN) {
    journal.tally(clause).met++;
    journal.add({ clause, strength: 'MUST', subject: 'net0', said: 'broke it', facts: [], since: null });
  }
}

const SCENARIO = { scenarios: ['as the model itself does it'] };
let today: World;
let before: Conformance;
beforeAll(async () => {
  const yesterday = await worldWith([]);
  SCENARIO.scenarios = [yesterday.SUITE[0]!.name];
  before = yesterday.conform(model, SCENARIO);
  today = await worldWith(TEN);
});
afterEach(() => vi.restoreAllMocks());

const facts = ({ verdicts, conforms, drives }: Conformance) =>
  JSON.parse(JSON.stringify({ verdicts, conforms, drives }));

describe('when ten clauses are added', () => {
  test('a driver that is judged by the rules of before has the verdicts of before', () => {
    expect(facts(today.conform(model, { ...SCENARIO, rules: '0.2' }))).toEqual(facts(before));
    expect(before.verdicts.filter(({ outcome }) => outcome === 'fail')).toHaveLength(1);
  });

  test('its text for people tells none of them', () => {
    const report = today.conform(model, { ...SCENARIO, rules: '0.2.0' });
    const text = today.reportText(today.suiteReport(report, '/'), false);

    expect(text).toMatch(/\nguestrig \S+, rules 0\.2\n/);
    expect(text).not.toMatch(/TEN|\bnew\b/);
  });

  test('it fails by all of them without that, and each is marked new', () => {
    const report = today.conform(model, SCENARIO);
    const failed = report.verdicts.filter(({ outcome }) => outcome === 'fail').map(({ clause }) => clause);
    const marked = today.suiteJson(report, '/').verdicts.filter((verdict) => 'new' in verdict);

    expect(failed).toEqual(['uart/THR-FULL', ...TEN]);
    expect(marked.map(({ clause }) => clause)).toEqual(TEN);
  });

  test('the text for people says so of each, and how many there are', () => {
    const text = today.reportText(today.suiteReport(today.conform(model, SCENARIO), '/'), false);

    expect(text).toMatch(/\nguestrig \S+, rules 0\.3, of which 10 new\n/);
    expect(text).toContain('\n  new in the rules 0.3\n');
  });

  test('one run is judged by the rules of before, too', () => {
    const its = (rules: object) =>
      today
        .judge(model, rules)
        .verdicts.filter(today.fails)
        .map(({ clause }) => clause);

    expect([its({ rules: '0.2' }), its({})]).toEqual([['uart/THR-FULL'], ['uart/THR-FULL', ...TEN]]);
  });

  test('and so is a machine', () => {
    const machine = today.gceN1();
    breakTen(machine);

    expect(() => today.assertConforms(machine, { rules: '0.2' })).not.toThrow();
    expect(() => today.assertConforms(machine)).toThrow('the driver broke 10 clauses');
  });

  test('a probe tells of none of them', () => {
    const task = { text: '', frames: [] };
    const { verdicts } = today.probeMachine(today.gceN1(), task, { rules: '0.2' });

    expect(verdicts.filter(({ clause }) => TEN.includes(clause))).toEqual([]);
  });
});

describe('a name that was retired', () => {
  const waive = { 'virtio/OLD-D1': 'our ticket 12' };
  const of = (report: Conformance) => report.verdicts.find(({ clause }) => clause === TEN[0])?.outcome;

  test('waives the clause that took its place, and warns', () => {
    const report = today.conform(model, { ...SCENARIO, waive });

    expect([of(report), report.warnings]).toEqual([
      'waived',
      ['waive: virtio/OLD-D1 was retired with the rules 0.3: it is virtio/TEN-D1 now'],
    ]);
  });

  test.each([
    ['in a baseline', { baseline: { known: [{ clause: 'virtio/OLD-D1', reason: 'known' }] } }, 'known[0]'],
    ['that is required', { require: ['virtio/OLD-D1'] }, 'options.require'],
    ['that is judged alone', { only: ['virtio/OLD-D1'] }, 'options.only'],
  ])('warns %s', (_, options, path) => {
    const report = today.conform(model, { ...SCENARIO, ...(options as object) });

    expect(report.warnings).toEqual([
      `${path}: virtio/OLD-D1 was retired with the rules 0.3: it is virtio/TEN-D1 now`,
    ]);
    expect(of(report)).toBeDefined();
  });

  test('is no misuse, even strictly', () => {
    expect(of(today.conform(model, { ...SCENARIO, waive, strict: true }))).toBe('waived');
  });
});

test('a clause that a pinned project requires, and that came later, is warned of', () => {
  const report = today.conform(model, { ...SCENARIO, rules: '0.2', require: [TEN[0]!] });

  expect(report.warnings).toEqual(['options.require: virtio/TEN-D1 is not of the rules 0.2']);
});
