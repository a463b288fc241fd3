import { beforeAll, describe, expect, test } from 'vitest';
import { suiteJson } from '../src/conformance/report/suite-report.ts';
import { SUITE } from '../src/conformance/scenarios/index.ts';
import { conform } from '../src/conformance/suite/conform.ts';
import type { Conformance } from '../src/conformance/suite/conformance.ts';
import { Merge } from '../src/conformance/suite/merge.ts';
import { checkedOptions } from '../src/conformance/suite/options.ts';
import type { PlayedRun } from '../src/conformance/suite/play.ts';
import { programFor } from '../src/conformance/suite/program.ts';
import { received, sent } from '../src/conformance/suite/run-message.ts';
import type { GuestPort } from '../src/core/guest-port.ts';
import type { Machine } from '../src/machine/machine.ts';
import { EndlessLoopError } from '../src/machine/patience.ts';

class SickError extends Error {
  override readonly name = 'SickError';
}

/** Breaks a clause, and then behaves differently with each seed. */
const model = {
  name: 'mine',
  drivers: [],
  run: (port: GuestPort, _handles: unknown, { seed }: Machine) => {
    port.out(0x3fb, 3, 1);
    for (const byte of [0x61, 0x62]) port.out(0x3f8, byte, 1);
    if (seed === 2) throw new SickError('is sick');
    if (seed === 3) for (;;) port.in(0x3fd, 1);
    if (seed === 4) throw { sick: () => true };
  },
};
const given = {
  scenarios: [SUITE[0]!.name, SUITE[3]!.name],
  seeds: [1, 2, 3, 4],
  machine: { patience: 1000 },
};
const options = checkedOptions(given);
const told = (report: Conformance) => JSON.stringify(suiteJson(report, '/'));

let report: Conformance;
beforeAll(() => {
  report = conform(model, given);
});

test('runs that come back in another order give the same report', () => {
  const merge = new Merge(model, options, programFor(model, options));
  const numbered = Array.from({ length: 8 }, () => merge.next());
  const all = conform(model, { ...given, scenarios: [SUITE[3]!.name] }).runs;
  const byTurn = [...report.runs.slice(0, 3), ...all] as PlayedRun[];
  const numbers = [0, 1, 2, 4, 5, 6];

  for (const [i, number] of [...numbers.entries()].reverse()) merge.take(number, byTurn[i]!);

  expect(numbered).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(told(merge.report())).toBe(told(report));
});

describe('a run that is sent to another thread', () => {
  const crossed = (runs = report.runs) =>
    (runs as readonly PlayedRun[]).map((run) => received(structuredClone(sent(run))));

  test('has the same reports', () => {
    const runs = crossed();
    const stopped = crossed(report.stopped);

    expect(told({ ...report, runs, stopped })).toBe(told(report));
  });

  test('keeps the stacks of its findings, which are hidden', () => {
    const [finding] = crossed()[0]!.verdicts.flatMap(({ findings }) => findings);

    expect(finding!.stack).toContain('merge.test.ts');
    expect(Object.keys(finding!)).not.toContain('stack');
  });

  test('keeps the class of the error that stopped it, if it is ours', () => {
    expect(crossed()[2]!.stopped).toBeInstanceOf(EndlessLoopError);
  });
});
