import type { AccessRecord } from '../../core/access.ts';
import { namesKept } from '../../core/callers.ts';
import type { Machine } from '../../machine/machine.ts';
import type { DriverModel } from '../model/model.ts';
import { ModelRun } from '../model/model-run.ts';
import { judgeOf } from '../model/run-judge.ts';
import { CallSites } from './call-sites.ts';
import { HostTimeError, isEndless } from './errors.ts';
import { OFTEN, Pulse, UNKNOWN } from './pulse.ts';
import { Overrun, within } from './within.ts';

/** Milliseconds that a driver has by default: a correct one is not silent for as long. */
export const HOST_TIME = 1000;
/** The actions at the machine's other end have this many times the driver's limit. */
const OTHER_END = 8;
/** A driver that never ends, and hardly computes, is not waited for longer than this many times its limit. */
const ASLEEP = 32;
/** A driver that was ended gets this many times the time that was missing, and at least this many times what it had. */
const [AGAIN, MORE, GROWTH] = [2, 1.25, 1.5];
/**
 * To be seen in a loop, a driver gets this many times as long as it took to get there, and some milliseconds; twice as
 * long at each further try.
 */
const [TO_BE_THERE, TO_BE_SEEN, TRIES] = [3, 100, 8];

/** A run of a driver that may not return. */
interface Attempt<Outcome> {
  /**
   * The result. For a driver that was ended, only if no attempt follows: its machine may be in the middle of an access,
   * if it made one.
   */
  outcome(): Outcome;
  /** Null if it returned. */
  readonly cut: Cut | null;
  /** The functions in which it was seen; null if it was not, or not for long enough. */
  readonly frames: string | null;
}

/** The limits of an attempt. */
interface Effort {
  /** Milliseconds of the processor for which the driver may be silent. */
  readonly hostTime: number;
  /** Milliseconds after which it is ended, and judged by what it did. */
  readonly limit: number;
  /** The beat after which it fell silent in the attempt before. */
  readonly awaited: number;
  /** Whether to look at its stack there. */
  readonly isSeen: boolean;
}

/** The state when a driver was ended: milliseconds. */
interface Cut extends Pick<Pulse, 'beats' | 'isExact' | 'isTheirs' | 'reach' | 'silence' | 'computed'> {
  readonly limit: number;
  /** Its last access. */
  last(): AccessRecord | null;
}

/** Runs a model on a machine, which is then closed. */
export function attempt<Outcome>(
  machine: Machine,
  model: DriverModel,
  effort: Effort,
  act: (run: ModelRun, theirs: Pulse['theirs']) => unknown,
  outcomeOf: (run: ModelRun, stopped: unknown) => Outcome,
): Attempt<Outcome> {
  const { hostTime, limit, awaited, isSeen } = effort;
  const pulse = new Pulse(hostTime, awaited);
  const callSites = isSeen ? new CallSites(() => pulse.isAwaited) : null;
  machine.observe(pulse);
  const run = new ModelRun(model, machine, judgeOf(machine));
  try {
    const timed = () => within(limit, () => act(run, (call) => pulse.theirs(call)));
    const stopped = namesKept(() =>
      run.stoppedIn(() => (callSites === null ? timed() : callSites.watch(timed))),
    );
    const { beats, isExact, isTheirs, reach, silence, computed } = pulse;
    const last = () => machine.journal.trail.newest(1)[0] ?? null;
    const outcome = () => {
      machine.journal.end(stopped instanceof Overrun || isEndless(stopped));
      return outcomeOf(run, stopped);
    };
    const frames = callSites?.frames ?? null;
    if (stopped instanceof Overrun)
      return { outcome, cut: { limit, beats, isExact, isTheirs, reach, silence, computed, last }, frames };
    const ended = outcome();
    return { outcome: () => ended, cut: null, frames };
  } finally {
    machine.close();
  }
}

type Attempts<Outcome> = (effort: Effort) => Attempt<Outcome> | null;

/**
 * Repeats the attempt until it is known how it ends. The host's clock ends a driver, but the processor's time decides: a
 * driver that made accesses until then, or for which a busy host had no processor, gets another attempt with more time.
 *
 * @param attempts runs it once more; null if that is not possible.
 */
export function outcomeOf<Outcome extends { readonly stopped: unknown }>(
  hostTime: number,
  attempts: Attempts<Outcome>,
): Outcome {
  let before: Cut | null = null;
  let { outcome, cut } = attempts({ hostTime, limit: hostTime, awaited: UNKNOWN, isSeen: false })!;
  while (cut !== null && !isLoop(cut, before, hostTime)) {
    const limit = limitAfter(cut, before, hostTime);
    const next = attempts({ hostTime, limit, awaited: cut.beats, isSeen: false });
    if (next === null) break;
    before = cut;
    ({ outcome, cut } = next);
  }
  if (cut === null) return outcome();
  const stopped = new HostTimeError(hostTime, cut.last(), framesOf(cut, hostTime, attempts));
  return { ...outcome(), stopped };
}

/** It was silent for as long as allowed, since its last access or between two of the last. */
function isLoop(cut: Cut, before: Cut | null, hostTime: number): boolean {
  const isAsleep = before?.beats === cut.beats && cut.silence > hostTime * ASLEEP;
  return isAsleep || cut.computed >= dueTo(cut, cut.isExact, hostTime);
}

/** A replay reaches the same beats, which are then known, unless a driver makes random choices. */
function limitAfter(cut: Cut, before: Cut | null, hostTime: number): number {
  const { limit, reach, silence, computed, isExact } = cut;
  // How much longer a host takes than a processor of its own would.
  const share = isExact && computed > 0 ? Math.max(1, silence / computed) : 1;
  const due = dueTo(cut, isExact || before === null, hostTime);
  return Math.max(limit * GROWTH, reach * AGAIN + due * share * MORE);
}

function dueTo({ isTheirs }: Cut, isExact: boolean, hostTime: number): number {
  return hostTime * (isTheirs ? 1 : OTHER_END) * (isExact ? 1 : OFTEN);
}

/** Null if they cannot be seen. */
function framesOf(cut: Cut, hostTime: number, attempts: Attempts<unknown>): string | null {
  if (!CallSites.canBe) return null;
  for (let i = 0, limit = cut.reach * TO_BE_THERE + TO_BE_SEEN; i < TRIES; i++, limit *= 2) {
    const seen = attempts({ hostTime, limit, awaited: cut.beats, isSeen: true });
    if (seen === null) return null;
    if (seen.cut === null || seen.frames !== null) return seen.frames;
  }
  return null;
}
