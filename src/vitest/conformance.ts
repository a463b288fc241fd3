import { describe, test } from 'vitest';
import type { DriverModel } from '../conformance/model/model.ts';
import { conform } from '../conformance/suite/conform.ts';
import type { ConformOptions } from '../conformance/suite/conform-options.ts';
import { type Conformance, type ConformVerdict, isFailure } from '../conformance/suite/conformance.ts';
import { failureBy } from '../conformance/suite/failure.ts';
import { scenariosOf, UNPLAYED, underText } from '../conformance/report/suite-report.ts';
import type { Driver } from '../core/driver.ts';
import { CLAUSES } from '../rules/index.ts';

/** Also in the title, since a JUnit report has no place for the reason of a skip. */
const UNREACHED = 'no scenario reached it';

/**
 * Runs a driver through the suite, with a test for each clause, and one for each scenario: that the driver completes it.
 * A clause that was never met is skipped, with that reason; so is a waived one. Filters, reporters and shards are
 * vitest's: `vitest run -t virtio/RESET`.
 *
 * @example
 * import { conformance } from 'guestrig/vitest';
 * import { myNic } from './my-nic.js';
 *
 * conformance(
 *   { name: 'my-nic', drivers: [myNic], run: (_port, [nic]) => nic.send(new Uint8Array(60)) },
 *   { seeds: [1, 2, 3], require: ['virtio/RESET-D1'] },
 * );
 *
 * @throws MisuseError as `conform` does.
 */
export function conformance<const D extends readonly Driver<unknown>[]>(
  model: DriverModel<D>,
  options: ConformOptions = {},
): void {
  const report = conform(model, options);
  describe(model.name, () => {
    describe('keeps', () => {
      for (const verdict of report.verdicts)
        test(titleOf(verdict), (context) => tell(verdict, report, context.skip));
    });
    describe('comes to its end with', () => {
      for (const scenario of scenariosOf(report))
        test(scenario, (context) => endsIn(report, scenario, context.skip));
      for (const { scenario, reason } of report.skipped) test(scenario, ({ skip }) => skip(reason));
    });
  });
}

function titleOf({ clause, scenario }: ConformVerdict): string {
  return `${clause}: ${CLAUSES[clause].text} (${scenario ?? UNREACHED})`;
}

function tell(verdict: ConformVerdict, report: Conformance, skip: (note: string) => void): void {
  const { outcome, findings, note, under } = verdict;
  if (outcome === 'unreached') skip(UNREACHED);
  if (outcome === 'waived') skip(`waived: ${note}`);
  if (under !== null) skip(underText(under));
  if (isFailure(verdict)) throw findings.length > 0 ? failureBy(verdict, report) : new Error(note!);
}

function endsIn({ runs, stopped }: Conformance, scenario: string, skip: (note: string) => void): void {
  if (!runs.some((run) => run.scenario === scenario)) skip(`not played: ${UNPLAYED}`);
  const run = stopped.find((candidate) => candidate.scenario === scenario);
  if (run !== undefined) throw run.stopped;
}
