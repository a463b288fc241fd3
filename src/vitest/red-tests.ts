import { afterEach, beforeEach } from 'vitest';
import { failureOfFindings } from '../conformance/failure.ts';
import type { Machine } from '../machine/machine.ts';
import { made } from '../machine/made.ts';
import { Begun } from './begun.ts';

/** Machines of the file: of its top level, of `beforeAll`, of a test before this one. Closed and forgotten ones go. */
let kept: WeakRef<Machine>[] = [];
const running = new Map<string, Begun>();

/**
 * What a driver threw, or what another assertion says, must not hide what was found: where a test fails for another
 * reason, what was broken while it ran is told beside. Of tests that run at the same time nobody knows whose a breach
 * is: of what is found meanwhile, only a matcher tells.
 */
export function watchTests(): void {
  made.tell = (machine) => {
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
