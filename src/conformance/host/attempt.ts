import type { AccessRecord } from '../../core/access.ts';
import { namesKept } from '../../core/callers.ts';
import { EndlessLoopError } from '../../machine/endless-loop.ts';
import type { Machine } from '../../machine/machine.ts';
import type { DriverModel } from '../model.ts';
import { ModelRun } from '../model-run.ts';
import { judgeOf } from '../run-judge.ts';
import { HostTimeError } from './host-time-error.ts';
import { OutOfTimeError } from './out-of-time-error.ts';
import { OFTEN, Pulse, UNKNOWN } from './pulse.ts';
import { Whereabouts } from './whereabouts.ts';
import { Overrun, within } from './within.ts';

/** Milliseconds that a driver has if nothing is said: an honest one is not silent for as long. */
export const HOST_TIME = 1000;
/** As much of that as a driver has, so much has what is done at the machine's other end. */
const OTHER_END = 8;
/** What never ends, and hardly computes, is not waited for longer than so many times its time. */
const ASLEEP = 32;
/** Who is ended gets so much more than was missing, and at least so much more than it had. */
const [AGAIN, MORE, GROWTH] = [2, 1.25, 1.5];
/** To be seen in a loop, a driver gets some times as long as it took to get there, and some milliseconds: more if that is too little. */
const [TO_BE_THERE, TO_BE_SEEN, TRIES] = [3, 100, 8];

/** What ends a driver that would have gone on. */
const FOR_EVER = [EndlessLoopError, OutOfTimeError, Overrun];

/** A run of a driver that may not return. */
interface Attempt<Outcome> {
  /**
   * What came of it. Of a driver that was ended only where that is the last word: its machine may be in the middle of an
   * access, if it made one.
   */
  outcome(): Outcome;
  /** Null if it returned. */
  readonly cut: Cut | null;
  /** Where it was seen; null if it was not, or not for long enough. */
  readonly frames: string | null;
}

/** What is spent on an attempt. */
interface Effort {
  /** Milliseconds of the processor for which the driver may be silent. */
  readonly hostTime: number;
  /** Milliseconds after which it is ended, to be judged by what it did. */
  readonly limit: number;
  /** The beat after which it fell silent in the attempt before. */
  readonly awaited: number;
  /** Whether it is to be seen where it is then. */
  readonly isSeen: boolean;
}

/** How it was when a driver was ended: milliseconds. */
interface Cut extends Pick<Pulse, 'beats' | 'isExact' | 'isTheirs' | 'reach' | 'silence' | 'computed'> {
  readonly limit: number;
  /** What it did last. */
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
  const whereabouts = isSeen ? new Whereabouts(() => pulse.isAwaited) : null;
  machine.observe(pulse);
  const run = new ModelRun(model, machine, judgeOf(machine));
  try {
    const timed = () => within(limit, () => act(run, (call) => pulse.theirs(call)));
    const stopped = namesKept(() =>
      run.stoppedIn(() => (whereabouts === null ? timed() : whereabouts.watch(timed))),
    );
    const { beats, isExact, isTheirs, reach, silence, computed } = pulse;
    const last = () => machine.journal.trail.newest(1)[0] ?? null;
    const outcome = () => {
      machine.journal.end(FOR_EVER.some((kind) => stopped instanceof kind));
      return outcomeOf(run, stopped);
    };
    const frames = whereabouts?.frames ?? null;
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
 * Attempts it until it is known how it ends. What ends a driver is the host's clock, and what is said of it the processor's: one
 * that made accesses until then, or for which a busy host had no processor, is attempted anew with more time.
 *
 * @param attempts it once more; null if that cannot be.
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

/** It was silent for as long as it may be, since its last access or in between two of the last. */
function isLoop(cut: Cut, before: Cut | null, hostTime: number): boolean {
  const isAsleep = before?.beats === cut.beats && cut.silence > hostTime * ASLEEP;
  return isAsleep || cut.computed >= dueTo(cut, cut.isExact, hostTime);
}

/** A replay comes to the same beats, which are then known, but for a driver that draws lots. */
function limitAfter(cut: Cut, before: Cut | null, hostTime: number): number {
  const { limit, reach, silence, computed, isExact } = cut;
  // So much longer a host takes than a processor of its own would.
  const share = isExact && computed > 0 ? Math.max(1, silence / computed) : 1;
  const due = dueTo(cut, isExact || before === null, hostTime);
  return Math.max(limit * GROWTH, reach * AGAIN + due * share * MORE);
}

function dueTo({ isTheirs }: Cut, isExact: boolean, hostTime: number): number {
  return hostTime * (isTheirs ? 1 : OTHER_END) * (isExact ? 1 : OFTEN);
}

/** Null where nothing tells. */
function framesOf(cut: Cut, hostTime: number, attempts: Attempts<unknown>): string | null {
  if (!Whereabouts.canBe) return null;
  for (let i = 0, limit = cut.reach * TO_BE_THERE + TO_BE_SEEN; i < TRIES; i++, limit *= 2) {
    const seen = attempts({ hostTime, limit, awaited: cut.beats, isSeen: true });
    if (seen === null) return null;
    if (seen.cut === null || seen.frames !== null) return seen.frames;
  }
  return null;
}
