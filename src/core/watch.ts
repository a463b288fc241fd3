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

/** A row in use: one for all watches of a journal. */
interface Row<K> {
  readonly line: Line<K>;
  readonly when: ((k: K) => boolean) | null;
  readonly kept: (k: K) => boolean;
  readonly tally: Tally;
}

/** A table as it is read once: its rows, and which of them each moment has. */
interface Sheet {
  readonly lines: readonly Line<never>[];
  readonly on: readonly (readonly [moment: string, places: readonly number[]])[];
}

/** The rows of each moment that a journal's watches of one table share. */
type Used<K> = readonly (readonly [moment: string, rows: readonly Row<K>[]])[];

const SHEETS = new WeakMap<object, Sheet>();
const USED = new WeakMap<Journal, Map<object, unknown>>();

function sheetOf(table: Rules<never>): Sheet {
  const known = SHEETS.get(table);
  if (known !== undefined) return known;
  const lines = Object.entries(table).map(([clause, rule]) => ({ clause, rule }));
  const on = new Map<string, number[]>();
  for (const [place, { rule }] of lines.entries())
    for (const moment of [rule.on].flat()) on.set(moment, [...(on.get(moment) ?? []), place]);
  const sheet = { lines, on: [...on] };
  SHEETS.set(table, sheet);
  return sheet;
}

function usedOf<K>(journal: Journal, table: Rules<K>): Used<K> {
  let tables = USED.get(journal);
  if (tables === undefined) USED.set(journal, (tables = new Map()));
  let used = tables.get(table) as Used<K> | undefined;
  if (used === undefined) tables.set(table, (used = use(journal, sheetOf(table))));
  return used;
}

function use<K>(journal: Journal, { lines, on }: Sheet): Used<K> {
  const rows = (lines as readonly Line<K>[]).map((line): Row<K> => {
    const { when = null, kept } = line.rule;
    return { line, when, kept, tally: journal.tally(line.clause) };
  });
  return on.map(([moment, places]) => [moment, places.map((place) => rows[place]!)] as const);
}

/** Rules with `once` that a watch has reported; null for none. */
interface Told {
  clauses: Set<string> | null;
}

/**
 * The rows of one moment. `tell` runs for every frame and request of a correct guest: it allocates nothing and
 * builds no text.
 */
export class Moment<K extends Knows> {
  private readonly journal: Journal;
  private readonly rows: readonly Row<K>[];
  private readonly told: Told;

  constructor(journal: Journal, rows: readonly Row<K>[], told: Told) {
    this.journal = journal;
    this.rows = rows;
    this.told = told;
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
    const { journal, told } = this;
    const { clause, rule } = row.line;
    if (journal.quiet || told.clauses?.has(clause)) return;
    if (rule.once) told.clauses = (told.clauses ?? new Set()).add(clause);
    if (!journal.words(row.tally, clause, k.subject)) return;
    journal.add({
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
  private readonly told: Told = { clauses: null };

  constructor(journal: Journal, table: Rules<K, M>) {
    this.journal = journal;
    const on: Record<string, Moment<K>> = {};
    for (const [moment, rows] of usedOf(journal, table as Rules<K>))
      on[moment] = new Moment(journal, rows, this.told);
    this.on = on as Record<M, Moment<K>>;
  }

  /** The rows for `moment` of a table that is chosen at run time and may have none of them. */
  at(moment: M): Moment<K> {
    return this.on[moment] ?? new Moment(this.journal, [], this.told);
  }

  forget(): void {
    this.told.clauses = null;
  }
}
