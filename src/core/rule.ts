import type { Mark } from './access.ts';

/** The strength of a standard's requirement; NOTE is our own advice. */
export type Strength = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT' | 'NOTE';

/** The severity of a strength: a broken note fails no run. */
export type Severity = 'must' | 'should' | 'note';

/** A requirement of a standard or a data sheet on the guest, for people to read. */
export interface Clause {
  /** The word in capitals of `text`. */
  readonly strength: Strength;
  /** The section of the standard or the data sheet, by name. */
  readonly where: string;
  /** The rule in our own words, one sentence: `A driver MUST NOT …`; that of a NOTE is an imperative. */
  readonly text: string;
  /** The fix, as an imperative. */
  readonly advice: string;
  /** Clauses whose breach also breaks this one on the same device: this one is then listed below them. */
  readonly follows?: readonly string[];
  /** What it follows from may be broken in another run alone: the machine decides which of them shows. */
  readonly anywhere?: true;
  /** After its breach, whatever is found of the same queue follows from it: what lies there is not what was meant. */
  readonly spoils?: true;
  /**
   * The device looks for its ring elsewhere, or in another form: what is found of rings of such devices follows from it;
   * of `all`, what seems to have a cause of its own, too, since the device reads something else there.
   */
  readonly mislays?: 'all' | 'some';
}

/** A clause as a table has it: its sentence says its strength. */
export type Words = Omit<Clause, 'strength'>;

/**
 * A clause and its check: a row of a table, from which the finding, the verdict and the documentation come.
 *
 * `Knows` is what the watch knows when it checks, `Moment` the name of its event. A rule is met where its moment came
 * and `when` held: the guest could have broken it there.
 */
export interface Rule<Knows, Moment extends string = string> extends Words {
  readonly on: Moment | readonly Moment[];
  readonly when?: (k: Knows) => boolean;
  readonly kept: (k: Knows) => boolean;
  /** What happened in this run, with the guest's own numbers. Built only when the rule is broken, as are the next two. */
  readonly said: (k: Knows) => string;
  /** What was seen in memory: a ring, a descriptor, a buffer, a register. */
  readonly facts?: (k: Knows) => readonly string[];
  /** The access that began the breach. */
  readonly since?: (k: Knows) => Mark;
  /** The guest's lines, where the breach is told later than it was done. */
  readonly stack?: (k: Knows) => string;
  /** This breach would stay if what it may follow from were mended: it is not listed below that. */
  readonly apart?: (k: Knows) => boolean;
  /** One mistake breaks it often: breaches that differ in numbers alone are one finding, with the numbers of the first. */
  readonly alike?: true;
  /** Reported once until the watch forgets: at a reset of what it watches. */
  readonly once?: true;
}

/** Rows by the name of their clause: `const INIT = { … } satisfies Rules<InitKnows, InitMoment>`. */
export type Rules<Knows, Moment extends string = string> = Readonly<Record<string, Rule<Knows, Moment>>>;

const CAPITALS = /\b(?:MUST|SHOULD)(?: NOT)?\b/;

export function strengthOf({ text }: Pick<Words, 'text'>): Strength {
  return (CAPITALS.exec(text)?.[0] ?? 'NOTE') as Strength;
}

/** Rows as clauses. Keeps the package's declarations to the names, without the types of what rules know. */
export function clausesOf<Id extends string>(
  rows: Readonly<Record<Id, Words>>,
): Readonly<Record<Id, Clause>> {
  const entries = Object.entries<Words>(rows).map(([id, row]) => [id, { ...row, strength: strengthOf(row) }]);
  return Object.fromEntries(entries) as Record<Id, Clause>;
}

export function severityOf(strength: Strength): Severity {
  switch (strength) {
    case 'MUST':
    case 'MUST NOT':
      return 'must';
    case 'SHOULD':
    case 'SHOULD NOT':
      return 'should';
    case 'NOTE':
      return 'note';
  }
}
