/** Judging: a driver model against the clauses, a machine against its profile. */

export type { ProbeErrand } from '../guest/index.ts';
export { BROKEN_DRIVERS } from '../rules/all.mutants.ts';
export type { BrokenDriver } from './broken/broken-driver.ts';
export { ConformanceError } from './conformance-error.ts';
export { assertConforms, failureOf, type Judged } from './failure.ts';
export type { Gathered } from './gather.ts';
export { HostTimeError } from './host/host-time-error.ts';
export { OutOfTimeError } from './host/out-of-time-error.ts';
export { IdleModelError } from './idle-model-error.ts';
export { type Judgement, type JudgeOptions, judge } from './judge.ts';
export type { DriverModel, HandlesOf } from './model.ts';
export type { OtherMachine } from './other-machine.ts';
export { type ProbeReport, probeElsewhere, probeMachine } from './probe.ts';
export type { ProbedMachine, Wire } from './probed-machine.ts';
export { renderFinding } from './report/finding.ts';
export { reportJson, verdictsJson } from './report/json.ts';
export { verdictsJunit } from './report/junit.ts';
export { renderReport, renderVerdicts } from './report/text.ts';
export type { RequirementLine } from './requirements.ts';
export { conform } from './suite/conform.ts';
export type { ConformOptions } from './suite/conform-options.ts';
export {
  type Conformance,
  type ConformVerdict,
  isFailure,
  type OtherName,
  type Under,
} from './suite/conformance.ts';
export { DataError } from './suite/data-error.ts';
export type { Fixture } from './suite/fixture.ts';
export { NotStoppedError } from './suite/not-stopped-error.ts';
export type { ConformanceRun, ProfileName } from './suite/play.ts';
export type { Turn } from './suite/run-filter.ts';
export type { SuiteScenario } from './suite/scenario.ts';
export { SUITE } from './suite/scenarios/index.ts';
export type { SkippedScenario } from './suite/skipped.ts';
export type { DriverUses, UseName } from './uses.ts';
export { fails, type Outcome, type Verdict, verdictsOf, type Waivers } from './verdict.ts';
