import { fails, verdictsOf } from '../../conformance/index.ts';
import { MisuseError } from '../../core/misuse.ts';
import { readCommandLine } from '../../hosts/qtest/command-line/command-line.ts';
import { QtestServer } from '../../hosts/qtest/server.ts';
import type { ClauseId } from '../../rules/index.ts';
import type { Io } from '../io.ts';
import { optionsFrom } from '../options-file.ts';
import { LineFile } from '../output.ts';
import { captureFrames, logAccesses, traceTo } from '../records.ts';
import type { Reporter } from '../reporter.ts';
import { type QtestReport, renderQtest } from './qtest-report.ts';

interface QtestArguments {
  readonly options?: string;
  readonly seed?: number;
  readonly waive?: readonly (readonly [clause: ClauseId, reason: string])[];
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
export async function qtest(argv: readonly string[], args: QtestArguments, io: Io): Promise<boolean> {
  const { reporter = 'text', seed } = args;
  const line = readCommandLine(argv);
  if (line.qtest === null && line.qmp.length === 0)
    throw new MisuseError('-qtest', 'nothing', 'where the client is (example unix:PATH)');
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
    const verdicts = verdictsOf(machine.journal, Object.fromEntries(args.waive ?? []));
    const passed = !verdicts.some(fails);
    const report = { machine, how, commands: server.commands, verdicts, passed };
    tell(report, reporter, out, line.qtest?.kind === 'stdio' ? { ...io, out: io.err } : io);
    return passed || how === 'stopped';
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
