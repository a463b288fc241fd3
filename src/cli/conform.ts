import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cwd } from 'node:process';
import { lieNamed } from '../conformance/hostile/index.ts';
import type {
  Conformance,
  ConformanceRun,
  ConformOptions,
  DriverModel,
  ProfileName,
} from '../conformance/index.ts';
import { suiteJson, suiteReport } from '../conformance/report/suite-report.ts';
import { baselineOf, compared, knownIn } from '../conformance/suite/baseline.ts';
import { conformBy } from '../conformance/suite/conform.ts';
import { conformElsewhere, type ElsewhereOptions } from '../conformance/suite/elsewhere.ts';
import { type CheckedOptions, checkedOptions, namesFor } from '../conformance/suite/options.ts';
import { programFor } from '../conformance/suite/program.ts';
import type { NameReader, Waiver } from '../conformance/waivers.ts';
import { MisuseError } from '../core/misuse.ts';
import { visible } from '../core/visible.ts';
import { isWebAssembly, modelOf } from '../drivers/driver-file.ts';
import { conformInJobs, jobsFor } from '../drivers/jobs.ts';
import { JudgedQemu } from '../hosts/qemu/judged/judged-qemu.ts';
import { findQemu, HAS_PIIX4 } from '../hosts/qemu/qemu-process.ts';
import { inside, wrongFile } from '../media/file-errors.ts';
import type { Beside } from '../report/html-beside.ts';
import type { Run } from '../report/report.ts';
import { reportText } from '../report/text.ts';
import { checkTraces, commandFor, lastAccessesOf, traceRuns } from './conform-replay.ts';
import { readText } from './input.ts';
import type { Io } from './io.ts';
import { optionsFrom } from './machines.ts';
import { LineFile, replaceFile } from './output.ts';
import { binaryOf } from './qemu/on-qemu.ts';
import { inForm, type Reporter } from './reporter.ts';
import { type TermArguments, todayOf } from './terms.ts';

interface ConformArguments extends TermArguments {
  /** Of QEMU. */
  readonly on?: string;
  readonly profile?: ProfileName;
  readonly options?: string;
  /** Lists of names, each of which one `--scenario` meant. */
  readonly scenario?: readonly (readonly string[])[];
  readonly shard?: string;
  readonly seed?: readonly number[];
  /** Threads. */
  readonly jobs?: number;
  /** Milliseconds. */
  readonly hostTime?: number;
  readonly hostile?: boolean;
  readonly only?: readonly string[];
  readonly require?: readonly string[];
  readonly baseline?: string;
  readonly writeBaseline?: string;
  readonly reporter?: Reporter;
  readonly out?: string;
  readonly trace?: string;
}

type Outcomes = Pick<Conformance, 'conforms' | 'hard'>;

/** Of the requested scenarios. */
const NONE = {
  ours: 'none of these is for a machine with such options',
  qemu: 'none of these can be played on QEMU: docs/reference/scenarios.md',
  uses: 'each of these needs a use, or a device, that the driver does not have',
  lies: 'goes with --hostile: these are lies of devices',
  shard: 'none of these is in that part',
};
function noneOf(
  { on, hostile, shard, scenario = [] }: ConformArguments,
  { skipped }: Pick<Conformance, 'skipped'>,
): string {
  if (hostile !== true && scenario.flat().every((name) => lieNamed(name) !== undefined)) return NONE.lies;
  if (shard !== undefined) return NONE.shard;
  if (skipped.length > 0) return NONE.uses;
  return NONE[on === undefined ? 'ours' : 'qemu'];
}

/** No failure counts that was written down. */
const WRITTEN_DOWN: Outcomes = { conforms: true, hard: null };
const NOTHING_FAILED = 'guestrig: no run failed, so none was written down\n';

/** `guestrig conform`. @returns the driver's outcomes, apart from known failures, or from all if they were written down. */
export async function conform(file: string, args: ConformArguments, io: Io): Promise<Outcomes> {
  if (args.trace !== undefined) checkTraces(args.trace);
  if (args.on !== undefined && isWebAssembly(file))
    throw new MisuseError('--on', args.on, '', `${file} is at work in the RAM of a machine of ours`);
  const asked = askedOf(args, io);
  const names = namesFor(asked);
  const options = checkedOptions(asked, names);
  const known = args.baseline === undefined ? [] : readBaseline(args.baseline, names);
  const model = await modelOf(file, args.hostTime);
  const out = args.out === undefined ? null : new LineFile('out', args.out);
  const whole =
    args.on === undefined
      ? await onOurs(file, model, options, args.jobs)
      : conformOnQemu(args.on, model, asked);
  io.progress?.('');
  if (whole.runs.length === 0) throw new MisuseError('--scenario', '', '', noneOf(args, whole));
  const isPart = args.shard !== undefined;
  const report = { ...compared(whole, { waive: [], known }, isPart), warnings: names.warnings };
  if (args.on !== undefined) io.err(REGISTERS_ALONE);
  const runs = {
    command: (run: Run) => commandFor(argvOf(file, args, run), run),
    lastAccesses: args.on === undefined ? lastAccessesOf(model, options) : () => [],
  };
  tell(report, args.reporter ?? 'text', runs, out, io);
  if (args.writeBaseline !== undefined) {
    const count = writeBaseline(args.writeBaseline, whole, known);
    io.err(`guestrig: wrote ${visible(args.writeBaseline)}, known failures: ${count}\n`);
  }
  if (args.trace !== undefined) {
    const files = traceRuns(model, args.trace, whole.runs, options);
    io.err(
      files.length === 0 ? NOTHING_FAILED : files.map((one) => `guestrig: wrote ${visible(one)}\n`).join(''),
    );
  }
  return args.writeBaseline === undefined ? report : WRITTEN_DOWN;
}

function askedOf(args: ConformArguments, io: Io): ConformOptions {
  return {
    ...(args.profile === undefined ? {} : { profile: args.profile }),
    machine: optionsFrom(args.options),
    ...(args.scenario === undefined ? {} : { scenarios: args.scenario.flat() }),
    ...(args.shard === undefined ? {} : { shard: args.shard }),
    ...(args.seed === undefined ? {} : { seeds: args.seed }),
    ...(args.hostTime === undefined ? {} : { hostTime: args.hostTime }),
    hostile: args.hostile === true,
    ...(args.only === undefined ? {} : { only: args.only }),
    waive: args.waive ?? [],
    require: (args.require ?? []) as NonNullable<ConformOptions['require']>,
    ...(args.rules === undefined ? {} : { rules: args.rules }),
    strict: args.strict === true,
    today: todayOf(io),
    onRun: showing(io),
  };
}

/** What a run depends on besides its scenario and seed. */
function argvOf(file: string, args: ConformArguments, { scenario }: Run): string[] {
  const { on, profile, options, hostTime } = args;
  const given = { on, profile, options, 'host-time': hostTime };
  const words = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
  return [file, ...words, ...(lieNamed(scenario) !== undefined ? ['--hostile'] : [])];
}

function onOurs(
  file: string,
  model: DriverModel,
  options: CheckedOptions,
  asked: number | undefined,
): Conformance | Promise<Conformance> {
  const program = programFor(model, options);
  const jobs = asked ?? jobsFor(program);
  return jobs > 1 ? conformInJobs(model, file, program, options, jobs) : conformBy(model, options);
}

function showing({ progress }: Io): (run: ConformanceRun, done: number, all: number) => void {
  return ({ scenario, seed }, done, all) =>
    progress?.(`${done} of ${all}  ${visible(scenario)}, seed ${seed}`);
}

/** A report for programs in a file is also printed as text. */
function tell(
  report: Conformance,
  reporter: Reporter,
  runs: Pick<Beside, 'command' | 'lastAccesses'>,
  out: LineFile | null,
  io: Io,
): void {
  const rendered = (one: Reporter, { color, width }: Pick<Io, 'color' | 'width'>) => {
    const told = () => suiteReport(report, cwd());
    const forms = {
      runs,
      report: told,
      text: () => reportText(told(), color),
      json: () => suiteJson(report, cwd()),
    };
    return inForm(one, forms, { width });
  };
  if (out !== null) {
    out.line(rendered(reporter, { color: false }).trimEnd());
    out.close();
  }
  io.out(rendered(out === null ? reporter : 'text', io));
}

/** Known failures of a driver, from a JSON file: `{ "known": [{ "clause", "subject", "reason" }] }`. */
function readBaseline(path: string, names: NameReader): readonly Waiver[] {
  const given = parse(path);
  return inside('baseline', path, () => knownIn(given, names));
}

/** Writes all present failures of a driver; the reasons of known ones stay. @returns how many there are. */
function writeBaseline(path: string, report: Conformance, before: readonly Waiver[]): number {
  const baseline = baselineOf(report, before);
  replaceFile('baseline', path, JSON.stringify(baseline, null, 2));
  return baseline.known.length;
}

function parse(path: string): unknown {
  const text = readText('baseline', path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrongFile('baseline', path, `not JSON: ${(error as Error).message}`);
  }
}

const DISK = 1 << 20;

/** The limits of the report. */
const REGISTERS_ALONE =
  'guestrig: on QEMU the contents of RAM are not seen: a driver is judged by what it does to registers\n';

/** Runs a driver in the part of the suite that is possible on QEMU's machine that is nearest to Compute Engine's. */
export function conformOnQemu(
  on: string,
  model: DriverModel,
  { machine: { virtio, ...rest } = {}, ...options }: ElsewhereOptions & Pick<ConformOptions, 'machine'>,
): Conformance {
  const [other] = Object.keys(rest);
  if (other !== undefined)
    throw new MisuseError(`options.${other}`, '', '', 'on QEMU there is none but virtio');
  const qemu = findQemu(binaryOf(on), HAS_PIIX4);
  const folder = mkdtempSync(join(tmpdir(), 'guestrig-'));
  const disk = join(folder, 'disk.img');
  try {
    return conformElsewhere(model, options, {
      name: `QEMU ${qemu.version}`,
      machine: (seed) => {
        writeFileSync(disk, '');
        truncateSync(disk, DISK);
        return new JudgedQemu(qemu, [disk], { seed, ...(virtio !== undefined && { virtio }) });
      },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
