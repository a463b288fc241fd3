import type { DriverModel } from '../model.ts';
import type { SuiteScenario } from './scenario.ts';

/** A scenario that was not played, and why. */
export interface SkippedScenario {
  readonly scenario: string;
  /** `needs use.send and use.stop, which the model does not give` */
  readonly reason: string;
}

/** Itself, if the model lacks what it needs. */
export function skippedFor({ name, needs = [] }: SuiteScenario, { use }: DriverModel): SkippedScenario[] {
  const lacking = needs.filter((one) => use?.[one] === undefined).map((one) => `use.${one}`);
  if (lacking.length === 0) return [];
  return [{ scenario: name, reason: `needs ${lacking.join(' and ')}, which the model does not give` }];
}
