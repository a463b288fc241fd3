import type { DriverModel } from '../model/model.ts';
import { compared } from './baseline.ts';
import type { Conformance, SkippedScenario } from './conformance.ts';
import type { CheckedOptions } from './options.ts';
import type { PlayedRun } from './play.ts';
import type { Program } from './program.ts';
import { reportOf } from './report-of.ts';
import { RunFilter, type Turn } from './run-filter.ts';

type MergeOptions = Pick<
  CheckedOptions,
  'seeds' | 'shard' | 'waive' | 'known' | 'require' | 'only' | 'hostile' | 'rules' | 'warnings' | 'onRun'
> &
  Pick<Conformance, 'profile'>;

/**
 * Combines runs into a report in the order of their turns, in whatever order they are played: turns that earlier runs
 * make not worth playing are left out, even if they were played already.
 *
 * @example
 * const merge = new Merge(model, options, { turns, skipped });
 * for (let i = merge.next(); i !== null; i = merge.next()) merge.take(i, play(turns[i]));
 * merge.report();
 */
export class Merge {
  private readonly model: DriverModel;
  private readonly options: MergeOptions;
  private readonly turns: readonly Turn[];
  private readonly skipped: readonly SkippedScenario[];
  private readonly filter: RunFilter;
  readonly runs: PlayedRun[] = [];
  readonly unplayed: Turn[] = [];
  /** Runs played ahead of their turn. */
  private readonly ahead = new Map<number, PlayedRun>();
  private given = 0;

  /** @param filter knows runs that were played before these. */
  constructor(
    model: DriverModel,
    options: MergeOptions,
    { turns, skipped }: Program,
    filter: RunFilter = new RunFilter(),
  ) {
    this.model = model;
    this.filter = filter;
    this.options = options;
    this.turns = turns;
    this.skipped = skipped;
  }

  /** @returns the number of the next turn to play; null if there is none. */
  next(): number | null {
    while (this.given < this.turns.length && this.filter.skips(this.turns[this.given]!)) this.given++;
    return this.given < this.turns.length ? this.given++ : null;
  }

  /** A turn was played. */
  take(turn: number, run: PlayedRun): void {
    this.ahead.set(turn, run);
    this.settle();
  }

  /** Missing runs, if any, are not worth playing. */
  get isDone(): boolean {
    return this.done === this.turns.length;
  }

  report(): Conformance {
    this.settle();
    const { model, options, runs, unplayed, skipped } = this;
    return compared(
      reportOf(model, options, { runs, unplayed, skipped }),
      options,
      options.shard !== undefined,
    );
  }

  /** Takes what was played in the order of the turns, and leaves out what is not worth playing. */
  settle(): void {
    for (; this.done < this.turns.length; ) {
      const turn = this.turns[this.done]!;
      if (this.filter.skips(turn)) {
        this.unplayed.push(turn);
        continue;
      }
      const run = this.ahead.get(this.done);
      if (run === undefined) return;
      this.ahead.delete(this.done);
      this.filter.note(run);
      this.runs.push(run);
      this.options.onRun?.(run, this.done, this.turns.length);
    }
  }

  private get done(): number {
    return this.runs.length + this.unplayed.length;
  }
}
