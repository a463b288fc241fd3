import { theirFrames } from '../../core/callers.ts';
import { stackOf } from './call-site.ts';
import { inspector, type Profile } from './inspector.ts';

/** Microseconds between two looks at what is executed. */
const INTERVAL = 1000;
/** Of the looks at what does not end, the last half is in its loop, but for some at what the engine does meanwhile. */
const [LAST, MOST] = [0.5, 0.6];

/** Looks on at a call: what is ended from without has no stack. */
export class Whereabouts {
  /** Functions that it was in, innermost first, as the lines of a stack; empty where the engine does not tell. */
  frames = '';

  watch<T>(act: () => T): T {
    const stop = started();
    try {
      return act();
    } finally {
      this.frames = innermost(framesOf(stop()));
    }
  }
}

/** @returns what ends the watch. */
function started(): () => Profile | null {
  const { Session } = inspector() ?? {};
  if (Session === undefined) return () => null;
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  // What is optimised may have no frame of its own, and this undoes it.
  session.post('Profiler.startPreciseCoverage', { callCount: true });
  session.post('Profiler.stopPreciseCoverage');
  session.post('Profiler.setSamplingInterval', { interval: INTERVAL });
  session.post('Profiler.start');
  return () => {
    let profile: Profile | null = null;
    session.post('Profiler.stop', (_error, answer) => {
      profile = answer?.profile ?? null;
    });
    session.disconnect();
    return profile;
  };
}

function framesOf(profile: Profile | null): string {
  const { nodes = [], samples = [] } = profile ?? {};
  const above = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const loop = samples.slice(Math.floor(samples.length * LAST));
  const counts = new Map<number, number>();
  for (const sample of loop)
    for (let id: number | undefined = sample; id !== undefined; id = above.get(id))
      counts.set(id, (counts.get(id) ?? 0) + 1);
  // Each is above the next: no two of a level are in most.
  const around = nodes.filter(({ id }) => (counts.get(id) ?? 0) > loop.length * MOST);
  return stackOf(around.map(({ callFrame }) => callFrame).reverse());
}

/** Theirs, and not those of who called us. */
function innermost(frames: string): string {
  const lines = frames.split('\n');
  const isTheirs = (line: string) => theirFrames(line) !== '';
  const from = lines.findIndex(isTheirs);
  const to = lines.findIndex((line, i) => i > from && !isTheirs(line));
  return lines.slice(from, Math.max(from, to)).join('\n');
}
