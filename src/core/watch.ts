import type { Nanos } from './bits.ts';
import type { Journal, Tally } from './journal.ts';
import type { RingPicture } from './ring-picture.ts';
import { type Rule, type Rules, strengthOf } from './rule.ts';

/** What every watch knows. Read only when a rule is broken. */
export interface Knows {
  /** The part of the machine addressed: `net0, transmit queue 1`. */
  readonly subject: string;
  /** The virtqueue in question as it lies in RAM, if there is one. Read only when a finding is kept. */
  readonly picture?: RingPicture | null;
}

/** A row of the table. */
interface Line<K> {
  readonly clause: string;
  readonly rule: Rule<K>;
}

/** A row in use. */
interface Row<K> {
  readonly line: Line<K>;
  readonly when: ((k: K) => boolean) | null;
  readonly kept: (k: K) => boolean;
  readonly tally: Tally;
  told: boolean;
}

/** A table, read once and used at every queue of every machine. */
interface Sheet<K> {
  readonly lines: readonly Line<K>[];
  /** Indices of the rows for each moment. */
  readonly on: ReadonlyMap<string, readonly number[]>;
}

const SHEETS = new WeakMap<object, unknown>();

function sheetOf<K>(table: Rules<K>): Sheet<K> {
  const known = SHEETS.get(table) as Sheet<K> | undefined;
  if (known !== undefined) return known;
  const lines = Object.entries(table).map(([clause, rule]) => ({ clause, rule }));
  const on = new Map<string, number[]>();
  for (const [place, { rule }] of lines.entries())
    for (const moment of [rule.on].flat()) on.set(moment, [...(on.get(moment) ?? []), place]);
  const sheet = { lines, on };
  SHEETS.set(table, sheet);
  return sheet;
}

/**
 * The rows of one moment. `tell` runs for every frame and request of a correct guest: it allocates nothing and
 * builds no text.
 */
export class Moment<K extends Knows> {
  private readonly journal: Journal;
  private readonly rows: readonly Row<K>[];

  constructor(journal: Journal, rows: readonly Row<K>[]) {
    this.journal = journal;
    this.rows = rows;
  }

  /** Checks the rows: the moment came. @returns whether every rule was kept. */
  tell(k: K): boolean {
    const { rows } = this;
    const now = this.journal.now;
    let kept = true;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      if (row.when !== null && !row.when(k)) continue;
      row.tally.met++;
      row.tally.at = now;
      if (row.kept(k)) continue;
      kept = false;
      this.broken(row, k);
    }
    return kept;
  }

  /** The moment came `times` times, last at `last`, each time with the same numbers and no breach. */
  repeat(k: K, times: number, last: Nanos): void {
    for (const { when, tally } of this.rows) {
      if (when !== null && !when(k)) continue;
      tally.met += times;
      tally.at = Math.max(tally.at, last);
    }
  }

  private broken(row: Row<K>, k: K): void {
    if (this.journal.quiet || row.told) return;
    const { clause, rule } = row.line;
    row.told = rule.once === true;
    if (!this.journal.words(row.tally, clause, k.subject)) return;
    this.journal.add({
      clause,
      strength: strengthOf(rule),
      subject: k.subject,
      said: rule.said(k),
      facts: rule.facts?.(k) ?? [],
      since: rule.since?.(k) ?? null,
      apart: rule.apart?.(k) === true,
      alike: rule.alike === true,
      ring: () => k.picture ?? null,
      stack: rule.stack?.(k),
    });
  }
}

/**
 * A table of rules for one part of the machine. The object that receives the part's events updates what the rules
 * need to know, and calls `tell` for each moment.
 *
 * @example
 * const rules = new Watch(journal, INIT);
 * k.before = k.value;
 * k.value = 0x03;
 * rules.on.status.tell(k);         // each rule on 'status' whose `when` holds is met, and kept or broken
 * rules.forget();                  // the part was reset: rules with `once` may report again
 */
export class Watch<K extends Knows, M extends string> {
  /** The rows on each moment, to be told when it comes. */
  readonly on: Readonly<Record<M, Moment<K>>>;
  private readonly journal: Journal;
  private readonly rows: readonly Row<K>[];

  constructor(journal: Journal, table: Rules<K, M>) {
    this.journal = journal;
    const { lines, on } = sheetOf(table as Rules<K>);
    const rows = lines.map((line) => ({
      line,
      when: line.rule.when ?? null,
      kept: line.rule.kept,
      tally: journal.tally(line.clause),
      told: false,
    }));
    const moments = [...on].map(([moment, places]) => [
      moment,
      new Moment(
        journal,
        places.map((place) => rows[place]!),
      ),
    ]);
    this.rows = rows;
    this.on = Object.fromEntries(moments);
  }

  /** The rows for `moment` of a table that is chosen at run time and may have none of them. */
  at(moment: M): Moment<K> {
    return this.on[moment] ?? new Moment(this.journal, []);
  }

  forget(): void {
    for (const row of this.rows) row.told = false;
  }
}
