import type { Failure } from './run.ts';
import type { Slow } from './slowest.ts';

/** The result of one episode, as sent between threads. */
export interface EpisodeReport {
  readonly episode: number;
  readonly ops: number;
  /** By code of operation. */
  readonly counts: readonly number[];
  readonly slowest: readonly Slow[];
  readonly over50: number;
  readonly broken: readonly (readonly [clause: string, times: number])[];
  readonly met: readonly string[];
  readonly failure: Failure | null;
  /** Bytes in use after a forced collection; null where there was none. */
  readonly heap: number | null;
}

/** A worker's task. */
export interface Task {
  readonly seed: number;
  /** It plays `first`, `first + step`, and so on. */
  readonly first: number;
  readonly step: number;
  readonly pulse: SharedArrayBuffer;
}
