import { placeOf, placeOfError } from './place.ts';
import type { Told } from './told.ts';

/** The report for programs. `schema` grows when a field changes its meaning. */
export function conformanceJson({ report, gone, root }: Told) {
  const { model, profile, seeds, runs, conforms, verdicts, stopped, skipped } = report;
  return {
    schema: 1,
    model,
    profile,
    seeds,
    scenarios: [...new Set(runs.map(({ scenario }) => scenario))],
    conforms,
    verdicts: verdicts.map(({ findings, ...verdict }) => ({
      ...verdict,
      findings: findings.map((finding) => ({ ...finding, place: placeOf(finding.stack, root) })),
    })),
    stopped: stopped.map(({ scenario, seed, stopped: thrown }) => ({
      scenario,
      seed,
      said: String(thrown),
      place: placeOfError(thrown, root),
    })),
    skipped,
    gone,
  };
}
