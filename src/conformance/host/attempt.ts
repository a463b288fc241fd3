import type { AccessRecord } from '../../core/access.ts';
import { EndlessLoopError } from '../../machine/endless-loop.ts';
import type { Machine } from '../../machine/machine.ts';
import type { DriverModel } from '../model.ts';
import { ModelRun } from '../model-run.ts';
import { judgeOf } from '../run-judge.ts';
import { HostTimeError } from './host-time-error.ts';
import { OutOfTimeError } from './out-of-time-error.ts';
import { Pulse } from './pulse.ts';
import { Whereabouts } from './whereabouts.ts';
import { Overrun, within } from './within.ts';

/** Milliseconds that a driver has if nobody says so: an honest one on a slow machine is not silent for as long. */
export const HOST_TIME = 1000;
/** Who is silent for so much of his time, and has computed for so much of it, is in a loop. */
const [SILENT, COMPUTED] = [1 / 2, 1 / 4];
/** To be seen in a loop, a driver gets some times as long as it took to get there, and so much of its time. */
const [AGAIN, SEEN] = [3, 0.3];

/** What ends a driver that would have gone on. */
const FOR_EVER = [EndlessLoopError, OutOfTimeError, Overrun];

/** A run of a driver that may not return. */
interface Attempt<Outcome> {
  readonly outcome: Outcome;
  /** Null if it returned. */
  readonly cut: Cut | null;
}

/** What is spent on an attempt. */
interface Effort {
  /** Milliseconds. */
  readonly hostTime: number;
  /** Who looks on, if anybody does. */
  readonly whereabouts?: Whereabouts;
}

/** How it was when a driver was ended. */
interface Cut {
  readonly hostTime: number;
  /** Milliseconds since its last access, and those of a processor. */
  readonly silence: number;
  readonly computed: number;
  /** How many it made before, and the last of them. */
  readonly accesses: number;
  readonly last: AccessRecord | null;
}

/** Runs a model on a machine, which is then closed. */
export function attempt<Outcome>(
  machine: Machine,
  model: DriverModel,
  { hostTime, whereabouts }: Effort,
  act: (run: ModelRun, theirs: Pulse['theirs']) => unknown,
  outcomeOf: (run: ModelRun, stopped: unknown) => Outcome,
): Attempt<Outcome> {
  const pulse = new Pulse(hostTime);
  machine.observe(pulse);
  const run = new ModelRun(model, machine, judgeOf(machine));
  try {
    const timed = () => within(hostTime, () => act(run, (call) => pulse.theirs(call)));
    const stopped = run.stoppedIn(() => (whereabouts === undefined ? timed() : whereabouts.watch(timed)));
    machine.journal.end(FOR_EVER.some((kind) => stopped instanceof kind));
    const { silence, computed, accesses } = pulse;
    const [last = null] = machine.journal.trail.newest(1);
    const cut = stopped instanceof Overrun ? { hostTime, silence, computed, accesses, last } : null;
    return { outcome: outcomeOf(run, stopped), cut };
  } finally {
    machine.close();
  }
}

/**
 * Attempts it until it is known how it ends. A driver that goes on making accesses comes to an end in virtual time, so
 * that it gets twice the time, and so does one from which a busy host kept its processor; one that is silent is told of.
 *
 * @param attempts it once more; null if that cannot be.
 */
export function outcomeOf<Outcome extends { readonly stopped: unknown }>(
  hostTime: number,
  attempts: (effort: Effort) => Attempt<Outcome> | null,
): Outcome {
  let last = attempts({ hostTime })!;
  for (let before: Cut | null = null; last.cut !== null && !isLoop(last.cut, before); ) {
    before = last.cut;
    const next = attempts({ hostTime: before.hostTime * 2 });
    if (next === null) break;
    last = next;
  }
  const { outcome, cut } = last;
  if (cut === null) return outcome;
  const whereabouts = new Whereabouts();
  const reach = Math.max(0, cut.hostTime - cut.silence);
  const again = attempts({ hostTime: reach * AGAIN + cut.hostTime * SEEN, whereabouts });
  const frames = again?.cut ? whereabouts.frames : '';
  return { ...outcome, stopped: new HostTimeError(hostTime, cut.last, frames) };
}

/** Of one that was slow only because the host was, nobody knows before it comes to the same place twice. */
function isLoop({ hostTime, silence, computed, accesses }: Cut, before: Cut | null): boolean {
  return before?.accesses === accesses || (silence > hostTime * SILENT && computed > hostTime * COMPUTED);
}
