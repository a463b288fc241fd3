import { bdfText } from '../../core/bits.ts';
import { checkReport, checkVerdicts } from '../checks.ts';
import type { ProbeReport } from './probe.ts';
import type { ProbedMachine } from './probed-machine.ts';
import type { Verdict } from '../verdict.ts';
import { partsJson } from './parts/index.ts';

/** `met` counts, `at` is the virtual time of the last in nanoseconds; null is never. */
interface VerdictJson extends Omit<Verdict, 'broken'> {
  readonly said?: string;
}

/** The report for machines. `schema` grows when a field changes its meaning. */
export function reportJson(report: ProbeReport<ProbedMachine>) {
  checkReport(report);
  const { machine, seen, requirements, verdicts } = report;
  return {
    schema: 1,
    profile: machine.profile.name,
    functions: seen.functions.map(({ bdf, id, bars, msixVectors, pin }) => ({
      address: bdfText(bdf),
      vendor: id.vendor,
      device: id.device,
      class: id.class,
      revision: id.revision,
      subsystem: { vendor: id.subsystemVendor, device: id.subsystem },
      bars: bars.map(({ index, kind, size }) => ({ index, kind, size })),
      msixVectors,
      pin,
    })),
    ...partsJson(seen),
    verdicts: [
      ...requirements.map(({ said, ...verdict }) => verdictJson(verdict, { said })),
      ...verdicts.map((verdict) => verdictJson(verdict)),
    ],
  };
}

/** The verdicts alone, as they stand in a report for machines. */
export function verdictsJson(verdicts: readonly Verdict[]) {
  return checkVerdicts(verdicts).map((verdict) => verdictJson(verdict));
}

function verdictJson(
  { clause, outcome, met, at, scenario, stores, findings, note }: Verdict,
  more: { said?: string } = {},
): VerdictJson {
  const through = scenario === undefined ? {} : { scenario };
  const why = note === undefined ? {} : { note };
  const seen = stores === undefined ? {} : { stores };
  return { clause, outcome, ...more, met, at, ...seen, ...through, findings, ...why };
}
