import { EndlessLoopError } from '../../machine/patience.ts';
import type { Finding } from '../../rules/index.ts';
import { HostTimeError, OutOfTimeError } from '../host/errors.ts';
import { IdleModelError } from '../model/model-run.ts';
import type { CompactVerdicts } from './compact-verdicts.ts';
import { type PlayedRun, runOf } from './play.ts';

/** Errors of ours that a run may have stopped by. */
const OURS = [EndlessLoopError, HostTimeError, IdleModelError, OutOfTimeError];

/** A run to be sent to another thread: an error is sent as its text, and a finding without its stack. */
export interface RunMessage {
  readonly facts: Omit<PlayedRun, 'verdicts' | 'compact' | 'stopped'>;
  readonly stopped: CrossingError | { readonly value: unknown };
  readonly compact: CompactVerdicts;
  /** Of every finding, in order. */
  readonly stacks: readonly string[];
}

interface CrossingError {
  readonly ours: number;
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

export function sent({ scenario, seed, time, accesses, stopped, suspected, compact }: PlayedRun): RunMessage {
  return {
    facts: { scenario, seed, time, accesses, suspected },
    stopped: stopped instanceof Error ? sentError(stopped) : { value: cloneable(stopped) },
    compact,
    stacks: compact.findings.map(({ stack }) => stack),
  };
}

/** The run as it was sent: every report has the same text. */
export function received({ facts, stopped, compact, stacks }: RunMessage): PlayedRun {
  return runOf(
    { ...facts, stopped: 'message' in stopped ? receivedError(stopped) : stopped.value },
    { ...compact, findings: compact.findings.map((finding, i) => withStack(finding, stacks[i]!)) },
  );
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

/** A thrown value that is not an error, or else its text. */
function cloneable(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return String(value);
  }
}

/** Not enumerable, as a journal has it. */
function withStack(finding: Finding, stack: string): Finding {
  return Object.defineProperty({ ...finding }, 'stack', { value: stack, enumerable: false });
}
