import { cwd } from 'node:process';
import { match } from 'ts-pattern';
import {
  type ConformanceRun,
  type ConformOptions,
  conform as conformOf,
  type DriverModel,
  type ProfileName,
} from '../conformance/index.ts';
import { compared } from '../conformance/suite/baseline.ts';
import { type Conformance, outcomesOf } from '../conformance/suite/conformance.ts';
import { type CheckedOptions, checkedOptions } from '../conformance/suite/options.ts';
import { programFor } from '../conformance/suite/program.ts';
import { conformanceGithub } from '../conformance/suite/report/github.ts';
import { conformanceHtml } from '../conformance/suite/report/html.ts';
import { conformanceJson } from '../conformance/suite/report/json.ts';
import { conformanceJunit } from '../conformance/suite/report/junit.ts';
import { conformanceSarif } from '../conformance/suite/report/sarif.ts';
import type { Summary } from '../conformance/suite/report/summary.ts';
import { conformanceText } from '../conformance/suite/report/text.ts';
import { withTies } from '../conformance/suite/report-of.ts';
import { MisuseError } from '../core/misuse.ts';
import { visible } from '../core/visible.ts';
import type { ClauseId } from '../rules/index.ts';
import { version } from './assets.ts';
import { readBaseline, writeBaseline } from './baseline-file.ts';
import { conformInJobs, jobsFor } from './conform-jobs.ts';
import { checkTraces, traceRuns } from './conform-traces.ts';
import { isWebAssembly, modelOf } from './driver-module.ts';
import { fitWidth } from './fit-width.ts';
import type { Io } from './io.ts';
import { optionsFrom } from './options-file.ts';
import { LineFile } from './output.ts';
import { conformOnQemu, REGISTERS_ALONE } from './qemu/conform-on-qemu.ts';
import { jsonText } from './reporter.ts';

export const CONFORM_REPORTERS = ['text', 'json', 'junit', 'github', 'sarif', 'html'] as const;
export type ConformReporter = (typeof CONFORM_REPORTERS)[number];

interface ConformArguments {
  /** Of QEMU. */
  readonly on?: string;
  readonly profile?: ProfileName;
  readonly options?: string;
  /** Lists of names, each of which one `--scenario` meant. */
  readonly scenario?: readonly (readonly string[])[];
  readonly seed?: readonly number[];
  /** Threads. */
  readonly jobs?: number;
  /** Milliseconds. */
  readonly hostTime?: number;
  readonly hostile?: boolean;
  readonly only?: readonly (readonly ClauseId[])[];
  readonly waive?: readonly (readonly [clause: ClauseId, reason: string])[];
  readonly require?: readonly ClauseId[];
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly reporter?: ConformReporter;
  readonly out?: string;
  readonly trace?: string;
}

/** Of the requested scenarios. */
const NONE = {
  ours: 'none of these is for a machine with such options',
  qemu: 'none of these can be played on QEMU: docs/reference/scenarios.md',
};
const NOTHING_FAILED = 'guestrig: no run failed, so none was written down\n';

/** `guestrig conform`. @returns the driver's outcomes, apart from known failures. */
export async function conform(
  file: string,
  args: ConformArguments,
  io: Io,
): Promise<Pick<Conformance, 'conforms' | 'hard'>> {
  if (args.trace !== undefined) checkTraces(args.trace);
  if (args.on !== undefined && isWebAssembly(file))
    throw new MisuseError('--on', args.on, '', `${file} is at work in the RAM of a machine of ours`);
  const known = args.baseline === undefined ? [] : readBaseline(args.baseline);
  const model = await modelOf(file, args.hostTime);
  const out = args.out === undefined ? null : new LineFile('out', args.out);
  const asked = askedOf(args, io);
  const options = checkedOptions(asked);
  const whole =
    args.on === undefined
      ? await onOurs(file, model, options, args.jobs)
      : conformOnQemu(args.on, model, asked);
  io.progress?.('');
  if (whole.runs.length === 0)
    throw new MisuseError('--scenario', '', '', NONE[args.on === undefined ? 'ours' : 'qemu']);
  const only = args.only?.flat();
  const report = only === undefined ? whole : narrowed(whole, only);
  if (args.writeBaseline !== undefined) writeBaseline(args.writeBaseline, report, known);
  const told = { ...compared(report, known), root: cwd() };
  if (args.on !== undefined) io.err(REGISTERS_ALONE);
  tell(told, args.reporter ?? 'text', out, io);
  if (args.trace !== undefined) {
    const files = traceRuns(model, args.trace, { runs: whole.runs, options, only });
    io.err(
      files.length === 0 ? NOTHING_FAILED : files.map((one) => `guestrig: wrote ${visible(one)}\n`).join(''),
    );
  }
  return told.report;
}

function askedOf(args: ConformArguments, io: Io): ConformOptions {
  return {
    ...(args.profile === undefined ? {} : { profile: args.profile }),
    machine: optionsFrom(args.options),
    ...(args.scenario === undefined ? {} : { scenarios: args.scenario.flat() }),
    ...(args.seed === undefined ? {} : { seeds: args.seed }),
    ...(args.hostTime === undefined ? {} : { hostTime: args.hostTime }),
    hostile: args.hostile === true,
    waive: Object.fromEntries(args.waive ?? []),
    require: args.require ?? [],
    onRun: showing(io),
  };
}

function onOurs(
  file: string,
  model: DriverModel,
  options: CheckedOptions,
  asked: number | undefined,
): Conformance | Promise<Conformance> {
  const program = programFor(model, options);
  const jobs = asked ?? jobsFor(program);
  return jobs > 1 ? conformInJobs(model, file, program, options, jobs) : conformOf(model, options);
}

function showing({ progress }: Io): (run: ConformanceRun, done: number, all: number) => void {
  return ({ scenario, seed }, done, all) =>
    progress?.(`${done} of ${all}  ${visible(scenario)}, seed ${seed}`);
}

/** Of these clauses alone. */
function narrowed(report: Conformance, clauses: readonly ClauseId[]): Conformance {
  const its = report.verdicts.filter(({ clause }) => clauses.includes(clause));
  const verdicts = withTies(its, report.runs);
  return { ...report, verdicts, ...outcomesOf({ ...report, verdicts }) };
}

/** A report for programs in a file is also printed as text. */
function tell(told: Summary, reporter: ConformReporter, out: LineFile | null, io: Io): void {
  if (out !== null) {
    out.line(rendered(told, reporter, { color: false }).trimEnd());
    out.close();
  }
  io.out(rendered(told, out === null ? reporter : 'text', io));
}

function rendered(told: Summary, reporter: ConformReporter, io: Pick<Io, 'color' | 'width'>): string {
  return match(reporter)
    .with('text', () => fitWidth(conformanceText(told, io.color), io.width))
    .with('json', () => jsonText(conformanceJson(told)))
    .with('junit', () => conformanceJunit(told))
    .with('github', () => conformanceGithub(told))
    .with('sarif', () => jsonText(conformanceSarif(told, version())))
    .with('html', () => conformanceHtml(told))
    .exhaustive();
}
