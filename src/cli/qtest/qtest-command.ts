import type { Command, Option } from 'commander';
import { fails, renderVerdicts, type Verdict, verdictsJson } from '../../conformance/index.ts';
import { byJson, verdictReport } from '../../conformance/report/verdict-report.ts';
import { MisuseError } from '../../core/misuse.ts';
import { readCommandLine } from '../../hosts/qtest/command-line/command-line.ts';
import { type QtestEnd, QtestServer } from '../../hosts/qtest/server.ts';
import type { Machine } from '../../machine/machine.ts';
import { NO_FINDINGS, type Report } from '../../report/report.ts';
import type { RuleSet } from '../../rules/sets.ts';
import type { Io } from '../io.ts';
import { optionsFrom } from '../machines.ts';
import { input, path, reporter, seed, single } from '../option-values.ts';
import { LineFile } from '../output.ts';
import { captureFrames, logAccesses, traceTo } from '../records.ts';
import { inForm, REPORTER_ABOUT, type Reporter } from '../reporter.ts';
import { recordOptions } from '../shared-options.ts';
import { type TermArguments, Terms, termOptions } from '../terms.ts';

/** The report of a finished session. */
interface QtestReport {
  readonly machine: Machine;
  readonly how: QtestEnd;
  /** The number of commands. */
  readonly commands: number;
  readonly rules: RuleSet;
  readonly verdicts: readonly Verdict[];
}

const SAID: Readonly<Record<QtestEnd, string>> = {
  closed: 'The client closed the wire',
  quit: 'The monitor was told to quit',
  off: 'The guest powered off',
  stopped: 'The host ended it',
};

function renderQtest(report: QtestReport, reporter: Reporter, io: Pick<Io, 'color' | 'width'>): string {
  const forms = { report: () => lines(report), text: () => text(report, io), json: () => json(report) };
  return inForm(reporter, forms, io);
}

function said({ how, commands }: QtestReport): string {
  return `${SAID[how]}, after ${commands} ${commands === 1 ? 'command' : 'commands'}.`;
}

function text(report: QtestReport, { color }: Pick<Io, 'color'>): string {
  const { rules, verdicts } = report;
  return [renderVerdicts(verdicts, { color, rules }), said(report), ''].join('\n');
}

function json(report: QtestReport): object {
  const { machine, how, commands, verdicts } = report;
  return {
    ...byJson(report.rules),
    profile: machine.profile.name,
    seed: machine.seed,
    passed: !verdicts.some(fails),
    end: { how, said: said(report), commands },
    verdicts: verdictsJson(verdicts),
  };
}

function lines(report: QtestReport): Report {
  const { machine, rules, verdicts } = report;
  const { profile, seed } = machine;
  const session = {
    ...NO_FINDINGS,
    group: 'qtest',
    name: 'the session ended',
    outcome: 'pass' as const,
    said: said(report),
  };
  const name = `guestrig qtest, ${profile.name}, seed ${seed}`;
  return verdictReport({ name, profile: profile.name, rules }, verdicts, [session]);
}

interface QtestArguments extends TermArguments {
  readonly options?: string;
  readonly seed?: number;
  readonly reporter?: Reporter;
  readonly out?: string;
  readonly pcap?: string;
  readonly log?: string;
  readonly trace?: string;
}

/** Signals that end QEMU from outside, with exit status 0. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/**
 * `guestrig qtest`. If standard output is the wire, the report goes to `io.err`.
 *
 * @param argv QEMU's own options.
 * @returns whether no rule was broken; or the session was ended from outside, as by libqtest, which expects success.
 */
async function qtest(argv: readonly string[], args: QtestArguments, io: Io): Promise<boolean> {
  const { reporter = 'text', seed } = args;
  const terms = new Terms(args, io);
  const line = readCommandLine(argv);
  if (line.qtest === null && line.qmp.length === 0)
    throw new MisuseError('-qtest', undefined, 'where the client is (example unix:PATH)');
  const out = args.out === undefined ? null : new LineFile('out', named(args.out));
  const options = { ...optionsFrom(args.options), ...(seed === undefined ? {} : { seed }) };
  const server = new QtestServer(line, options, hostDate());
  const { machine } = server;
  const records = [];
  const stop = () => server.stop();
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    records.push(
      logAccesses(machine, args.log),
      captureFrames(machine, args.pcap),
      traceTo(machine, args.trace, server.qtest),
    );
    const how = await server.run((note) => io.err(`guestrig qtest: ${note}\n`));
    const verdicts = terms.verdicts(machine.journal);
    const report = { machine, how, commands: server.commands, rules: terms.rules, verdicts };
    tell(report, reporter, out, line.qtest?.kind === 'stdio' ? { ...io, out: io.err } : io);
    return how === 'stopped' || !verdicts.some(fails);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
    for (const record of records) record?.close();
    server.close();
  }
}

/** A file for each process: a test program starts one for each of its tests. */
function named(path: string): string {
  return path.replaceAll('%p', String(process.pid));
}

/** A report in a file is not printed again. */
function tell(report: QtestReport, reporter: Reporter, out: LineFile | null, io: Io): void {
  if (out === null) {
    io.out(renderQtest(report, reporter, io));
    return;
  }
  out.line(renderQtest(report, reporter, { color: false }).trimEnd());
  out.close();
}

/** Whole seconds, as in the machine's `date`. */
function hostDate(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

/** Declares `guestrig qtest`. All other options are QEMU's. */
export function qtestCommand(program: Command, io: Io, done: (passed: boolean) => void): void {
  const command = program
    .command('qtest')
    .argument('[qemu...]', "QEMU's options: -qtest, -qmp, -machine, -m, -smp, -device, -netdev, -drive, …")
    .description('stand in for QEMU on its qtest wire, and say which rules the client kept')
    .allowUnknownOption();
  for (const option of options()) command.addOption(option);
  command
    .addHelpText(
      'after',
      '\nExample: guestrig qtest --out verdict.txt -qtest unix:q.sock,server=on -device virtio-net-pci',
    )
    .action(async (qemu, args) => done(await qtest(qemu, args, io)));
}

function options(): Option[] {
  return [
    single('--options <file>', 'options of the machine, as JSON', input),
    single('--seed <n>', 'every random choice comes from it (default: 1)', seed),
    ...termOptions(),
    single('--reporter <name>', REPORTER_ABOUT, reporter),
    single('--out <file>', 'write the report there; %p is the number of the process', path),
    ...recordOptions('client'),
  ];
}
