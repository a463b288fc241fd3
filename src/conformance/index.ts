/**
 * Judging: a driver model against the clauses, a machine against its profile.
 *
 * @experimental All names but those that docs/versions.md calls stable: a minor version may change them.
 */

export type { ProbeTask } from '../guest/index.ts';
export type { ProfileName } from '../machine/profile.ts';
export { BROKEN_DRIVERS } from '../rules/all.mutants.ts';
export type { BrokenDriver } from './broken/broken-driver.ts';
export { assertConforms, ConformanceError, failureOf, type Judged } from './failure.ts';
export { HostTimeError, OutOfTimeError } from './host/errors.ts';
export type { DriverModel, HandlesOf } from './model/model.ts';
export { IdleModelError } from './model/model-run.ts';
export type { OtherMachine } from './model/other-machine.ts';
export type { DriverUses, UseName } from './model/uses.ts';
export type { Gathered } from './probe/gather.ts';
export { type ProbeReport, probeElsewhere, probeMachine } from './probe/probe.ts';
export type { ProbedMachine, Wire } from './probe/probed-machine.ts';
export { renderReport, reportJson } from './probe/report.ts';
export type { RequirementLine } from './probe/requirements.ts';
export { renderFinding, renderVerdicts, verdictsJson, verdictsJunit } from './report/verdict-report.ts';
export { DataError } from './scenarios/differences.ts';
export type { Fixture } from './scenarios/fixture.ts';
export { SUITE } from './scenarios/index.ts';
export type { SuiteScenario } from './scenarios/scenario.ts';
export { NotStoppedError } from './scenarios/stop-surely.ts';
export { conform } from './suite/conform.ts';
export {
  type Conformance,
  type ConformVerdict,
  isFailure,
  type OtherName,
  type SkippedScenario,
  type Under,
} from './suite/conformance.ts';
export { type Judgement, type JudgeOptions, judge } from './suite/judge.ts';
export type { Baseline, ConformOptions } from './suite/options.ts';
export type { ConformanceRun } from './suite/play.ts';
export type { Turn } from './suite/run-filter.ts';
export { fails, type Outcome, type Verdict, verdictsOf } from './verdict.ts';
export type { NameOptions, SuiteWaivers, Waiver, Waivers } from './waivers.ts';
