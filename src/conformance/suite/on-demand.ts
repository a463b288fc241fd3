import type { DriverModel } from '../model/model.ts';
import { compared } from './baseline.ts';
import type { Conformance } from './conformance.ts';
import { Merge } from './merge.ts';
import type { CheckedOptions } from './options.ts';
import type { PlayedRun } from './play.ts';
import { type Program, programFor } from './program.ts';
import { reportOf } from './report-of.ts';
import { RunFilter, type Turn } from './run-filter.ts';

/** Plays the turns of a merge that are worth it. */
type Player = (turns: readonly Turn[], merge: Merge) => void | Promise<void>;

/**
 * A suite that is played scenario by scenario, as they are asked for, each once.
 *
 * @example
 * const suite = new SuiteOnDemand(model, options, (turns, merge) => playAll(model, turns, options, merge));
 * await suite.play(['a machine whose power fails']);
 * suite.report;                    // of what was played so far
 */
export class SuiteOnDemand {
  readonly program: Program;
  private readonly model: DriverModel;
  private readonly options: CheckedOptions;
  private readonly player: Player;
  private readonly filter = new RunFilter();
  private readonly asked = new Set<string>();
  private readonly runs: PlayedRun[] = [];
  private readonly unplayed: Turn[] = [];
  /** The end of what was asked for: one call plays at a time. */
  private last: Promise<void> = Promise.resolve();
  private known: Conformance | null = null;

  constructor(model: DriverModel, options: CheckedOptions, player: Player) {
    this.model = model;
    this.options = options;
    this.player = player;
    this.program = programFor(model, options);
  }

  /** Plays these scenarios with every seed, if they were not played. */
  play(scenarios: Iterable<string>): Promise<void> {
    const wanted = new Set([...scenarios].filter((name) => !this.asked.has(name)));
    for (const name of wanted) this.asked.add(name);
    const turns = this.program.turns.filter(({ scenario }) => wanted.has(scenario));
    if (turns.length > 0) this.last = this.last.then(() => this.playNow(turns));
    return this.last;
  }

  get report(): Conformance {
    const { model, options, runs, unplayed } = this;
    const { skipped } = this.program;
    this.known ??= compared(
      reportOf(model, options, { runs: this.inOrder(runs), unplayed: this.inOrder(unplayed), skipped }),
      options,
      options.shard !== undefined,
    );
    return this.known;
  }

  private async playNow(turns: readonly Turn[]): Promise<void> {
    const { model, options, program, runs, unplayed } = this;
    const before = runs.length + unplayed.length;
    const onRun: CheckedOptions['onRun'] = (run, done) =>
      options.onRun?.(run, before + done, program.turns.length);
    const merge = new Merge(model, { ...options, onRun }, { turns, skipped: [] }, this.filter);
    await this.player(turns, merge);
    merge.settle();
    runs.push(...merge.runs);
    unplayed.push(...merge.unplayed);
    this.known = null;
  }

  /** As the suite has them, in whatever order they were played. */
  private inOrder<T extends Turn>(turns: readonly T[]): T[] {
    const places = new Map(this.program.turns.map((turn, place) => [keyOf(turn), place]));
    return turns.toSorted((one, other) => places.get(keyOf(one))! - places.get(keyOf(other))!);
  }
}

const keyOf = ({ scenario, seed }: Turn) => `${seed} ${scenario}`;
