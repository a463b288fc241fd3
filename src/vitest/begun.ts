import type { Machine } from '../machine/machine.ts';
import type { Finding } from '../rules/index.ts';

/**
 * A running test, and the findings at its start.
 *
 * @example
 * const begun = new Begun([machine], true);
 * begun.newOf(machine);           // findings since then, new or repeated
 */
export class Begun {
  /** No other test has run at the same time so far. */
  alone: boolean;
  private readonly counts = new Map<Finding, number>();

  constructor(machines: readonly Machine[], alone: boolean) {
    this.alone = alone;
    for (const { findings } of machines)
      for (const finding of findings) this.counts.set(finding, finding.count);
  }

  newOf({ findings }: Machine): Finding[] {
    return findings.filter((finding) => this.counts.get(finding) !== finding.count);
  }
}
