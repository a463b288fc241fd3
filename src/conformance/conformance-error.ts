import type { Finding } from '../rules/index.ts';
import { renderFinding } from '../report/finding.ts';
import { otherKinds } from '../report/kinds.ts';

/** A driver broke clauses, or did not finish. Its stack is the driver's own: where it broke the first of them. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
  /** Of MUST and SHOULD, the oldest first. */
  readonly findings: readonly Finding[];

  /**
   * @param stopped the driver's error, if it threw one: it becomes the `cause`.
   * @param message if it differs from that of one run's findings.
   */
  constructor(
    findings: readonly Finding[],
    stopped: unknown = null,
    message: string = messageOf(findings, stopped),
  ) {
    super(message, stopped === null ? undefined : { cause: stopped });
    this.findings = findings;
    const frames = findings[0]?.stack;
    if (frames) this.stack = `${this.name}: ${this.message}\n${frames}`;
  }
}

/** The first finding of each clause in full: those after it often have the same cause. */
function messageOf(findings: readonly Finding[], stopped: unknown): string {
  const clauses = [...new Set(findings.map(({ clause }) => clause))];
  const said = [
    ...(stopped === null ? [] : [`the driver did not come to its end: ${stopped}`]),
    ...(clauses.length === 0
      ? []
      : [`the driver broke ${clauses.length} ${clauses.length === 1 ? 'clause' : 'clauses'}`]),
  ];
  const told = clauses.map((clause) => clauseText(findings.filter((finding) => finding.clause === clause)));
  return [said.join('; '), ...told].join('\n\n');
}

function clauseText(findings: readonly Finding[]): string {
  const [first, ...others] = findings;
  const more = others.reduce((sum, { count }) => sum + count, 0);
  const kinds = otherKinds(findings).map((line) => `\n  ${line}`);
  return [renderFinding(first!), ...kinds, more === 0 ? '' : `\n  … and ${more} more of this clause`].join(
    '',
  );
}
