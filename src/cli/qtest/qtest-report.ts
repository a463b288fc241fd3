import { renderVerdicts, type Verdict, verdictsJson } from '../../conformance/index.ts';
import { verdictReport } from '../../conformance/report/verdict-report.ts';
import type { QtestEnd } from '../../hosts/qtest/server.ts';
import type { Machine } from '../../machine/machine.ts';
import { NO_FINDINGS, type Report } from '../../report/report.ts';
import type { Io } from '../io.ts';
import { inForm, type Reporter } from '../reporter.ts';

/** The report of a finished session. */
export interface QtestReport {
  readonly machine: Machine;
  readonly how: QtestEnd;
  /** The number of commands. */
  readonly commands: number;
  readonly verdicts: readonly Verdict[];
  readonly passed: boolean;
}

const SAID: Readonly<Record<QtestEnd, string>> = {
  closed: 'The client closed the wire',
  quit: 'The monitor was told to quit',
  off: 'The guest powered off',
  stopped: 'The host ended it',
};

export function renderQtest(
  report: QtestReport,
  reporter: Reporter,
  io: Pick<Io, 'color' | 'width'>,
): string {
  const forms = { report: () => lines(report), text: () => text(report, io), json: () => json(report) };
  return inForm(reporter, forms, io);
}

function said({ how, commands }: QtestReport): string {
  return `${SAID[how]}, after ${commands} ${commands === 1 ? 'command' : 'commands'}.`;
}

function text(report: QtestReport, io: Pick<Io, 'color'>): string {
  return [renderVerdicts(report.verdicts, io), said(report), ''].join('\n');
}

function json(report: QtestReport): object {
  const { machine, how, commands, verdicts, passed } = report;
  return {
    schema: 1,
    profile: machine.profile.name,
    seed: machine.seed,
    passed,
    end: { how, said: said(report), commands },
    verdicts: verdictsJson(verdicts),
  };
}

function lines(report: QtestReport): Report {
  const { machine, verdicts } = report;
  const { profile, seed } = machine;
  const session = {
    ...NO_FINDINGS,
    group: 'qtest',
    name: 'the session ended',
    outcome: 'pass' as const,
    said: said(report),
  };
  const name = `guestrig qtest, ${profile.name}, seed ${seed}`;
  return verdictReport({ name, profile: profile.name }, verdicts, [session]);
}
