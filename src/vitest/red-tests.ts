import { afterEach, beforeEach } from 'vitest';
import { failureOfFindings } from '../conformance/failure.ts';
import type { Machine } from '../machine/machine.ts';
import { onMade } from '../machine/on-made.ts';
import type { Finding } from '../rules/index.ts';

/**
 * A running test, and the findings at its start.
 *
 * @example
 * const begun = new Begun([machine], true);
 * begun.newOf(machine);           // findings since then, new or repeated
 */
class Begun {
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

/** Machines of the file: of its top level, of `beforeAll`, of an earlier test. Closed and collected ones are dropped. */
let kept: WeakRef<Machine>[] = [];
const running = new Map<string, Begun>();

/**
 * A driver's exception or another failed assertion must not hide findings: if a test fails for another reason, breaches
 * during its run are reported with it. Among concurrent tests it is unknown to which a breach belongs: then only a
 * matcher reports it.
 */
export function watchTests(): void {
  onMade.tell = (machine) => {
    kept.push(new WeakRef(machine));
  };

  beforeEach(({ task }) => {
    for (const other of running.values()) other.alone = false;
    kept = kept.filter((ref) => ref.deref() !== undefined);
    running.set(task.id, new Begun(machines(), running.size === 0));
  });

  afterEach(({ task }) => {
    const begun = running.get(task.id);
    running.delete(task.id);
    const { state, errors = [] } = task.result ?? {};
    if (state !== 'fail' || begun?.alone !== true) return;
    if (errors.some(({ name }) => name === 'ConformanceError')) return;
    for (const machine of machines()) {
      const failure = failureOfFindings(begun.newOf(machine));
      if (failure !== null) throw failure;
    }
  });
}

function machines(): Machine[] {
  return kept.flatMap((ref) => ref.deref() ?? []);
}
