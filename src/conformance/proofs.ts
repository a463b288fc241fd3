import type { Clause } from '../core/rule.ts';
import { BROKEN_DRIVERS } from '../rules/all.mutants.ts';
import { CLAUSES, type ClauseId } from '../rules/index.ts';
import { type BrokenDriver, usualMachine } from './broken/broken-driver.ts';
import { VARIANTS } from './reference/variants.ts';
import { conform } from './suite/conform.ts';
import type { Conformance } from './suite/conformance.ts';
import { type Judgement, judge } from './suite/judge.ts';

/**
 * The proofs that a rule is watched: a script of events that breaks it alone, a scenario of the suite in which the
 * reference drivers keep it, a driver that breaks it alone.
 */
export type ProofKind = 'script' | 'scenario' | 'broken driver';

/** A missing proof, and the reason. */
interface Lack {
  readonly of: readonly ProofKind[];
  readonly why: string;
}

/** Clauses without all three proofs. */
export const LACKS: { readonly [Clause in ClauseId]?: Lack } = {
  'virtio/INIT-D12': {
    of: ['broken driver'],
    why: 'a device of ours refuses FEATURES_OK only to a driver whose features break another rule',
  },
  'virtio/SCSI-CFG-D3': {
    of: ['broken driver'],
    why: 'a driver with more requests outstanding than the ring has entries makes an entry available that the device still has',
  },
};

export function lacks(clause: ClauseId, kind: ProofKind): boolean {
  return LACKS[clause]?.of.includes(kind) ?? false;
}

/** The reference drivers in the suite, in each of their variants. */
export function playVariants(): Conformance[] {
  return VARIANTS.map(({ model, ...options }) => conform(model, options));
}

/** The scenario in which each clause is met first, by its name. */
export function firstMet(reports: readonly Conformance[]): ReadonlyMap<ClauseId, string> {
  const first = new Map<ClauseId, string>();
  for (const { scenario, verdicts } of reports.flatMap(({ runs }) => runs))
    for (const { clause, met } of verdicts) if (met > 0 && !first.has(clause)) first.set(clause, scenario);
  return first;
}

/** The driver that breaks each clause; of several the first. */
export function brokenBy(): ReadonlyMap<ClauseId, BrokenDriver> {
  return new Map([...BROKEN_DRIVERS].reverse().map((broken) => [broken.clause, broken]));
}

/** A broken driver on its machine. */
export function judgeBroken({ model, machine = usualMachine, act }: BrokenDriver): Judgement {
  return judge(model, { machine, ...(act !== undefined && { act }) });
}

/** The clauses that a broken driver breaks, notes included, but for those that follow from another of them. */
export function clausesBroken(driver: BrokenDriver): ClauseId[] {
  const { verdicts } = judgeBroken(driver);
  return independent(verdicts.filter(({ broken }) => broken > 0).map(({ clause }) => clause));
}

/** Those of clauses that are broken that do not follow from others of them. */
export function independent<Id extends string>(broken: readonly Id[]): Id[] {
  return broken.filter((clause) => {
    const { follows = [] }: Clause = CLAUSES[clause as string as ClauseId];
    return !follows.some((one) => broken.includes(one as Id));
  });
}
