/** Judging: a driver model against the clauses, a machine against its profile. */

export type { ProbeErrand } from '../guest/index.ts';
export { BROKEN_DRIVERS, type BrokenDriver } from './broken/index.ts';
export { ConformanceError } from './conformance-error.ts';
export { assertConforms, failureOf, type Judged } from './failure.ts';
export type { Gathered } from './probe/gather.ts';
export { HostTimeError } from './host/errors.ts';
export { OutOfTimeError } from './host/errors.ts';
export { IdleModelError } from './model/model-run.ts';
export { type Judgement, type JudgeOptions, judge } from './suite/judge.ts';
export type { DriverModel, HandlesOf } from './model/model.ts';
export type { OtherMachine } from './model/other-machine.ts';
export { type ProbeReport, probeElsewhere, probeMachine } from './probe/probe.ts';
export type { ProbedMachine, Wire } from './probe/probed-machine.ts';
export { renderFinding } from '../report/finding.ts';
export { reportJson, verdictsJson } from './probe/json.ts';
export { verdictsJunit } from './report/verdict-report.ts';
export { renderReport, renderVerdicts } from './probe/report.ts';
export type { RequirementLine } from './probe/requirements.ts';
export { conform } from './suite/conform.ts';
export type { ConformOptions } from './suite/conform-options.ts';
export {
  type Conformance,
  type ConformVerdict,
  isFailure,
  type OtherName,
  type Under,
} from './suite/conformance.ts';
export { DataError } from './scenarios/differences.ts';
export type { Fixture } from './scenarios/fixture.ts';
export { NotStoppedError } from './scenarios/stop-surely.ts';
export type { ConformanceRun, ProfileName } from './suite/play.ts';
export type { Turn } from './suite/run-filter.ts';
export type { SuiteScenario } from './scenarios/scenario.ts';
export { SUITE } from './scenarios/index.ts';
export type { SkippedScenario } from './suite/skipped.ts';
export type { DriverUses, UseName } from './model/uses.ts';
export { fails, type Outcome, type Verdict, verdictsOf, type Waivers } from './verdict.ts';
