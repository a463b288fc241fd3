import type { ClauseId } from '../../rules/index.ts';
import { conform } from './conform.ts';
import type { Conformance } from './conformance.ts';
import { VARIANTS } from './variants.ts';

/** Clauses that the suite does not reach, each with the reason. */
export const UNREACHABLE: { readonly [Clause in ClauseId]?: string } = {
  'pci/CAPABILITY-LOOP':
    'no sound device has a list that loops, so that no scenario does: the option `capabilityLoop` has it',
  'pci/BAR-MOVE': 'the suite begins behind firmware, which placed the base addresses',
  'rtc/FLAGS': 'no use of a model asks for a periodic interrupt of the clock',
  'uart/LINE-INTERRUPT': 'no use of a model asks for interrupts on errors of the line',
};

/** The reference drivers in the suite, in each of their ways. */
export function playVariants(): Conformance[] {
  return VARIANTS.map(({ model, ...options }) => conform(model, options));
}

/** The scenario in which each clause is met first, by its name. */
export function firstReached(reports: readonly Conformance[]): ReadonlyMap<ClauseId, string> {
  const reached = new Map<ClauseId, string>();
  for (const { scenario, verdicts } of reports.flatMap(({ runs }) => runs))
    for (const { clause, met } of verdicts)
      if (met > 0 && !reached.has(clause)) reached.set(clause, scenario);
  return reached;
}
