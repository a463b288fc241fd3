import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, type TestContext, test } from 'vitest';
import { checkModel } from '../conformance/checks.ts';
import { failureOfLine } from '../conformance/failure.ts';
import { LIES, lieNamed } from '../conformance/hostile/index.ts';
import type { DriverModel } from '../conformance/model/model.ts';
import { clauseLine, scenariosOf, skipsOf, suiteReport } from '../conformance/report/suite-report.ts';
import { SUITE } from '../conformance/scenarios/index.ts';
import { isFor } from '../conformance/scenarios/scenario.ts';
import { playAll } from '../conformance/suite/conform.ts';
import { type Conformance, toldOf } from '../conformance/suite/conformance.ts';
import { SuiteOnDemand } from '../conformance/suite/on-demand.ts';
import type { Baseline, ConformOptions } from '../conformance/suite/options.ts';
import { type CheckedOptions, checkedOptions } from '../conformance/suite/options.ts';
import type { Driver } from '../core/driver.ts';
import { MisuseError } from '../core/misuse.ts';
import { Threads } from '../drivers/jobs.ts';
import { type Report, type ReportLine, reasonOf, ruleLines, skipText } from '../report/report.ts';
import { CLAUSES, type ClauseId } from '../rules/index.ts';

/** Where a driver's model lies, and how many threads may load it. */
interface Jobs {
  readonly jobs?: number | undefined;
  readonly module?: string | URL | undefined;
}

/** Plays here, or in threads that load the driver themselves. */
class Player {
  readonly isThreaded: boolean;
  private readonly model: DriverModel;
  private readonly options: CheckedOptions;
  private readonly jobs: number;
  private readonly module: string;
  private threads: Threads | null = null;

  constructor(model: DriverModel, options: CheckedOptions, { jobs = 1, module }: Jobs) {
    if (!(Number.isInteger(jobs) && jobs >= 1))
      throw new MisuseError('options.jobs', jobs, 'a whole number of threads');
    this.model = model;
    this.options = options;
    this.jobs = jobs;
    this.module = module === undefined ? '' : pathOf(module);
    this.isThreaded = module !== undefined && jobs > 1;
  }

  async play(...[turns, merge]: Parameters<Threads['play']>): Promise<void> {
    const { model, options, jobs, module } = this;
    if (!this.isThreaded) return playAll(model, turns, options, merge);
    this.threads ??= new Threads(model, module, options, jobs);
    await this.threads.play(turns, merge);
  }

  async close(): Promise<void> {
    await this.threads?.close();
  }
}

function pathOf(module: string | URL): string {
  return String(module).startsWith('file:') ? fileURLToPath(module) : String(module);
}

/** Contents of a baseline file, as they are or by its name. */
function baselineIn(given: string | URL | Baseline): Baseline {
  if (typeof given !== 'string' && !(given instanceof URL)) return given;
  try {
    return JSON.parse(readFileSync(pathOf(given), 'utf8'));
  } catch (error) {
    throw new MisuseError('options.baseline', given, '', `cannot be read: ${(error as Error).message}`);
  }
}

/** Options of the suite as tests. */
export interface ConformanceOptions extends Omit<ConformOptions, 'baseline'> {
  /** What is known to be wrong: the file of the command line's `--baseline`, or its contents. */
  readonly baseline?: string | URL | Baseline;
  /** Threads that play at most, where `module` says what they load. Default 1. */
  readonly jobs?: number;
  /** The module that exports the model, as default, `model` or `driver`: `new URL('./model.js', import.meta.url)`. */
  readonly module?: string | URL;
}

/** The suite itself ends a driver that does not return, and then says where it was. */
const UNLIMITED = { timeout: 0 };
const ENDS = 'comes to its end with';

/**
 * Runs a driver through the suite, with a test for each scenario: that the driver completes it, and one for each clause. A
 * clause that was never met is skipped, with that reason; so is a waived one. A scenario is played when its test runs;
 * the test of a clause alone, as of `vitest run -t virtio/RESET`, plays the first scenario and those that are for
 * that clause.
 *
 * @example
 * import { conformance } from 'guestrig/vitest';
 * import { myNic } from './my-nic.js';
 *
 * conformance(
 *   { name: 'my-nic', drivers: [myNic], run: (_port, [nic]) => nic.send(new Uint8Array(60)) },
 *   { seeds: [1, 2, 3], require: ['virtio/RESET-D1'], baseline: 'known.json' },
 * );
 *
 * @throws MisuseError as `conform` does.
 */
export function conformance<const D extends readonly Driver<unknown>[]>(
  model: DriverModel<D>,
  options: ConformanceOptions = {},
): void {
  const { jobs, module, baseline, ...rest } = options;
  const known = baseline === undefined ? {} : { baseline: baselineIn(baseline) };
  const today = new Date().toISOString().slice(0, 'yyyy-mm-dd'.length);
  const [driver, checked] = [checkModel(model), checkedOptions({ today, ...rest, ...known })];
  const player = new Player(driver, checked, { jobs, module });
  const suite = new SuiteOnDemand(driver, checked, (turns, merge) => player.play(turns, merge));
  const tests = new SuiteTests(suite, player.isThreaded);
  const skipped = skipText(skipsOf(suite.program));
  const clauses = toldOf(suite.report).map(({ clause }) => clause);
  const others = new Set(
    suite.report.verdicts.map(({ clause }) => clause).filter((clause) => !clauses.includes(clause)),
  );
  describe(model.name, () => {
    afterAll(async () => {
      await player.close();
      for (const text of tests.report.warnings) console.warn(`guestrig: ${text}`);
    });
    describe(ENDS, () => {
      for (const name of tests.scenarios.filter((one) => lieNamed(one) === undefined))
        test(name, UNLIMITED, (context) => tests.ends(name, context));
      if (skipped !== null) test(skipped, ({ skip }) => skip());
    });
    describe('keeps', () => {
      for (const clause of clauses)
        test(`${clause}: ${CLAUSES[clause].text}`, UNLIMITED, (context) => tests.keeps(clause, context));
      if (others.size > 0)
        test('every clause of other devices', UNLIMITED, (context) => tests.keepsAll(others, context));
    });
  });
}

/** What a test of the suite plays, and how it ends. */
class SuiteTests {
  readonly scenarios: readonly string[];
  private readonly suite: SuiteOnDemand;
  /** Threads are worth it where they play all at once. */
  private readonly atOnce: boolean;
  private told: { readonly of: Conformance; readonly report: Report } | null = null;

  constructor(suite: SuiteOnDemand, atOnce: boolean) {
    this.suite = suite;
    this.atOnce = atOnce;
    this.scenarios = [...new Set(suite.program.turns.map(({ scenario }) => scenario))];
  }

  get report(): Report {
    const { report } = this.suite;
    if (this.told?.of !== report) this.told = { of: report, report: suiteReport(report, '/') };
    return this.told.report;
  }

  async ends(scenario: string, { task, skip }: TestContext): Promise<void> {
    await this.suite.play(this.atOnce ? chosenBeside(task) : [scenario]);
    const run = this.suite.report.stopped.find((candidate) => candidate.scenario === scenario);
    if (run !== undefined) throw run.stopped;
    skipIfOpen(this.report.lines.find(({ rule, name }) => rule === null && name === scenario)!, skip);
  }

  async keeps(clause: ClauseId, { task, skip }: TestContext): Promise<void> {
    await this.suite.play([...this.scenariosFor(clause), ...chosenBeside(task)]);
    const { report } = this.suite;
    const played = `in ${scenariosOf(report).length} of ${this.scenarios.length} scenarios`;
    const line = clauseLine(report.verdicts.find((verdict) => verdict.clause === clause)!, report);
    if (line.under !== null) skip(line.under);
    if (line.outcome === 'fail') throw line.findings.length > 0 ? failureOfLine(line) : new Error(line.said);
    skipIfOpen(line.outcome === 'unreached' ? { ...line, said: played } : line, skip);
  }

  /** Clauses that a driver should not come by: each that fails is a test's failure. */
  async keepsAll(clauses: ReadonlySet<ClauseId>, { task, skip }: TestContext): Promise<void> {
    await this.suite.play(chosenBeside(task));
    const failed = ruleLines(this.report).find(
      ({ name, outcome, under }) => outcome === 'fail' && under === null && clauses.has(name as ClauseId),
    );
    if (failed !== undefined) throw failureOfLine(failed);
    if (!ruleLines(this.report).some(({ name }) => clauses.has(name as ClauseId))) skip('unreached');
  }

  /** The first scenario, in which most clauses are met, and those that are for this one. */
  private scenariosFor(clause: ClauseId): string[] {
    const lies = LIES.filter((one) => one.clause === clause).map(({ name }) => name);
    if (lies.length > 0) return this.scenarios.filter((name) => lies.includes(name));
    const its = SUITE.filter((scenario) => isFor(scenario, clause)).map(({ name }) => name);
    return this.scenarios.filter((name, i) => i === 0 || its.includes(name));
  }
}

function skipIfOpen(line: ReportLine, skip: (note: string) => void): void {
  if (line.outcome !== 'pass' && line.outcome !== 'noted') skip(reasonOf(line));
}

/** Scenarios whose own tests run, too: all of them, unless a filter is set. */
function chosenBeside({ suite }: TestContext['task']): string[] {
  const beside = suite?.suite?.tasks.find(({ name }) => name === ENDS);
  if (beside?.type !== 'suite') return [];
  return beside.tasks.filter(({ mode }) => mode === 'run').map(({ name }) => name);
}
