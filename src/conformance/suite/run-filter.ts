import { HostTimeError, isEndless } from '../host/errors.ts';
import type { ConformanceRun } from './play.ts';

/** A scenario with a seed, played or not. */
export interface Turn {
  readonly scenario: string;
  readonly seed: number;
}

/** Runs that do not end may make this many accesses together, which takes a host about half a second. */
const IN_VAIN = 5_000_000;
/** And those that the host's clock ends may take this many milliseconds together, by their limits. */
const SILENT = 30_000;

/**
 * Which turns are worth playing, by the results of earlier ones. A driver that would not end in a scenario does so with
 * the next seed, and one that does not end in most of them delays everything.
 *
 * @example
 * const filter = new RunFilter();
 * if (!filter.skips(turn)) filter.note(play(…));
 */
export class RunFilter {
  private readonly endless = new Set<string>();
  private inVain = 0;
  private silent = 0;
  private isOver = false;

  skips({ scenario }: Turn): boolean {
    return this.isOver || this.endless.has(scenario);
  }

  note({ scenario, stopped, accesses }: ConformanceRun): void {
    if (!isEndless(stopped)) return;
    if (stopped instanceof HostTimeError) this.silent += stopped.hostTime;
    else this.inVain += accesses;
    this.endless.add(scenario);
    if (this.inVain > IN_VAIN || this.silent > SILENT) this.isOver = true;
  }
}
