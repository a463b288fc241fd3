import { placeOf, placeOfError } from './place.ts';
import { type Summary, scenariosOf } from './summary.ts';

/** The report for programs. `schema` grows when a field changes its meaning. */
export function conformanceJson({ report, gone, root }: Summary) {
  const { model, profile, seeds, conforms, hard, verdicts, stopped, skipped, unplayed } = report;
  return {
    schema: 1,
    model,
    profile,
    seeds,
    scenarios: scenariosOf(report),
    conforms,
    hard,
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
    unplayed,
    gone,
  };
}
