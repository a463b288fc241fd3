import { EndlessLoopError } from '../../machine/endless-loop.ts';
import type { Finding } from '../../rules/index.ts';
import { HostTimeError } from '../host/host-time-error.ts';
import { IdleModelError } from '../idle-model-error.ts';
import type { Verdict } from '../verdict.ts';
import { OutOfTimeError } from './out-of-time-error.ts';
import type { ConformanceRun } from './play.ts';

/** Errors of ours that a run may have stopped by. */
const OURS = [EndlessLoopError, HostTimeError, IdleModelError, OutOfTimeError];

/** A run on its way to another thread: of an error only its text crosses, and of a finding no stack. */
export interface Crossing {
  readonly run: ConformanceRun;
  readonly stopped: CrossingError | { readonly value: unknown };
  /** Of every finding, in order. */
  readonly stacks: readonly string[];
}

interface CrossingError {
  readonly ours: number;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

export function sent(run: ConformanceRun): Crossing {
  const { stopped } = run;
  return {
    run: { ...run, stopped: null },
    stopped: stopped instanceof Error ? sentError(stopped) : { value: cloneable(stopped) },
    stacks: findingsOf(run).map(({ stack }) => stack),
  };
}

/** The run as it was sent, to the letter of every report. */
export function received({ run, stopped, stacks }: Crossing): ConformanceRun {
  const left = [...stacks];
  const stacked = (verdict: Verdict): Verdict => ({
    ...verdict,
    findings: verdict.findings.map((finding) => withStack(finding, left.shift()!)),
  });
  return {
    ...run,
    stopped: 'message' in stopped ? receivedError(stopped) : stopped.value,
    verdicts: run.verdicts.map((verdict) => (verdict.findings.length === 0 ? verdict : stacked(verdict))),
  };
}

function sentError(error: Error): CrossingError {
  const ours = OURS.findIndex((kind) => error instanceof kind);
  return { ours, name: error.name, message: error.message, stack: error.stack ?? '' };
}

function receivedError({ ours, name, message, stack }: CrossingError): Error {
  const error = new Error(message);
  if (ours >= 0) Object.setPrototypeOf(error, OURS[ours]!.prototype);
  for (const [key, value] of Object.entries({ name, stack }))
    Object.defineProperty(error, key, { value, configurable: true, writable: true });
  return error;
}

/** What somebody threw that is no error, or else how it reads. */
function cloneable(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return String(value);
  }
}

function findingsOf({ verdicts }: ConformanceRun): readonly Finding[] {
  return verdicts.flatMap(({ findings }) => findings);
}

/** Not enumerable, as a journal has it. */
function withStack(finding: Finding, stack: string): Finding {
  return Object.defineProperty({ ...finding }, 'stack', { value: stack, enumerable: false });
}
