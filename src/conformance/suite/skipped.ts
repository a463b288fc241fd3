import { type DriverModel, isEnumeration } from '../model/model.ts';
import type { SuiteScenario } from '../scenarios/scenario.ts';

/** A scenario that was not played, and why. */
export interface SkippedScenario {
  readonly scenario: string;
  /** `needs use.send and use.stop, which the model does not give` */
  readonly reason: string;
}

/** The scenario itself, if the model lacks what it needs. */
export function skippedFor({ name, needs = [] }: SuiteScenario, model: DriverModel): SkippedScenario[] {
  const lacking = needs.flatMap((one) => {
    if (one === 'drivers') return isEnumeration(model) ? [one] : [];
    return model.use?.[one] === undefined ? [`use.${one}`] : [];
  });
  if (lacking.length === 0) return [];
  return [{ scenario: name, reason: `needs ${lacking.join(' and ')}, which the model does not give` }];
}
