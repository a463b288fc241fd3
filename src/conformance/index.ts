/** Judging: a driver model against the clauses, a machine against its profile. */

export type { ProbeErrand } from '../guest/index.ts';
export { BROKEN_DRIVERS, type BrokenDriver } from './broken/index.ts';
export { ConformanceError } from './conformance-error.ts';
export { assertConforms, failureOf, type Judged } from './failure.ts';
export type { Gathered } from './gather.ts';
export { HostTimeError } from './host/host-time-error.ts';
export { IdleModelError } from './idle-model-error.ts';
export { type Judgement, type JudgeOptions, judge } from './judge.ts';
export type { DriverModel, HandlesOf } from './model.ts';
export { type ProbeReport, probeMachine } from './probe.ts';
export { renderFinding } from './report/finding.ts';
export { reportJson, verdictsJson } from './report/json.ts';
export { verdictsJunit } from './report/junit.ts';
export { renderReport, renderVerdicts } from './report/text.ts';
export type { RequirementLine } from './requirements.ts';
export { conform } from './suite/conform.ts';
export { type Conformance, type ConformVerdict, isFailure, type Under } from './suite/conformance.ts';
export type { Turn } from './suite/course.ts';
export type { ConformOptions } from './suite/options.ts';
export { OutOfTimeError } from './suite/out-of-time-error.ts';
export type { ConformanceRun, ProfileName } from './suite/play.ts';
export type { SuiteScenario } from './suite/scenario.ts';
export { SUITE } from './suite/scenarios/index.ts';
export type { Stage } from './suite/stage.ts';
export { fails, type Outcome, type Verdict, verdictsOf, type Waivers } from './verdict.ts';
