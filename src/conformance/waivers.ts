import { checkList, checkObject } from '../core/checks.ts';
import { deviceOf } from '../core/finding.ts';
import { MisuseError } from '../core/misuse.ts';
import { RETIRED } from '../rules/history.ts';
import { ALL_IDS, type ClauseId, type Finding } from '../rules/index.ts';
import { checkedSet, hasClause, newestSet, type RuleSet, retiredText } from '../rules/sets.ts';
import { checkNames, checkText } from './checks.ts';

/**
 * What a driver may do: break a clause, or not finish a scenario. It has the same form in options, in a baseline and on the
 * command line.
 */
export interface Waiver {
  readonly clause?: ClauseId;
  /** The finding's subject, or its device: `net0`. Left out, any. */
  readonly subject?: string;
  /** The scenario in which the clause may be broken. Left out, any. */
  readonly scenario?: string;
  /** In place of a clause: the scenario that need not be finished. */
  readonly stopped?: string;
  readonly reason: string;
  /** Where more is said: a ticket. */
  readonly link?: string;
  /** The last day on which it holds: `2027-01-31`. */
  readonly until?: string;
}

/** Clauses that a driver may break: each with its reason, or a list that says more. */
export type Waivers = { readonly [Clause in ClauseId]?: string } | readonly Waiver[];

/** Clauses that a driver may break, and scenarios that it need not finish: each with its reason, or a list that says more. */
export type SuiteWaivers =
  | ({ readonly [Clause in ClauseId]?: string } & { readonly [scenario: string]: string | undefined })
  | readonly Waiver[];

const LISTED = 'guestrig clauses lists them';

/** By which rules a driver is judged, and how names that are none are taken. */
export interface NameOptions {
  /** Judges by the rules of this version: `0.2`. Clauses that came later neither fail nor are told. Default: all. */
  readonly rules?: string;
  /** Refuses names of clauses that never were. Default false: they are warnings. */
  readonly strict?: boolean;
  /** The day by which waivers end: `2026-11-30`. Left out, none ends. */
  readonly today?: string;
}

/** Reads what a user wrote of clauses, and keeps what is to be said of it. */
export class NameReader {
  readonly rules: RuleSet;
  readonly warnings: string[] = [];
  private readonly strict: boolean;
  private readonly today: string | undefined;
  private readonly scenarios: readonly string[];

  /** @param scenarios names of scenarios that a driver need not finish. */
  constructor({ rules, strict = false, today }: NameOptions, scenarios: readonly string[] = []) {
    this.rules = rules === undefined ? newestSet() : checkedSet('options.rules', rules);
    if (typeof strict !== 'boolean') throw new MisuseError('options.strict', strict, 'true or false');
    if (today !== undefined) checkDay('options.today', today);
    this.strict = strict;
    this.today = today;
    this.scenarios = scenarios;
  }

  /**
   * The clause of that name, or the one that took its place; null if it is none, or is not judged.
   *
   * @param others what else the name may have been meant for.
   */
  clause(path: string, name: unknown, others: readonly string[] = []): ClauseId | null {
    const text = String(name);
    const id = ALL_IDS.find((one) => one.toLowerCase() === text.toLowerCase());
    if (id !== undefined && hasClause(this.rules, id)) return id;
    const retired = retiredText(text);
    if (retired !== null) {
      this.warn(path, retired);
      return RETIRED[text]!.now ?? null;
    }
    if (id !== undefined) this.warn(path, `${id} is not of the rules ${this.rules}`);
    else this.unknown(path, name, [...ALL_IDS, ...others], `a clause (${LISTED})`);
    return null;
  }

  /** Those of these clauses with such names or beginnings. @throws MisuseError if there are none: nothing would be judged. */
  clausesBelow(path: string, beginnings: readonly string[], known: readonly ClauseId[]): ClauseId[] {
    checkList(path, beginnings);
    const judged = known.filter((id) => hasClause(this.rules, id));
    const found = new Set(beginnings.flatMap((beginning) => this.below(path, beginning, judged)));
    if (found.size === 0) {
      const expected = `a clause of the rules ${this.rules}, or the beginning of one (${LISTED})`;
      throw new MisuseError(path, beginnings[0], expected, known);
    }
    return judged.filter((id) => found.has(id));
  }

  /** A record, or a list of waivers: those that hold today. @param path `waive`, or the list of a baseline. */
  waivers(path: string, given: unknown): Waiver[] {
    const list = Array.isArray(given) ? given : this.listOf(path, given);
    return list.flatMap((waiver, i) => this.waiver(Array.isArray(given) ? `${path}[${i}]` : path, waiver));
  }

  private below(path: string, beginning: string, judged: readonly ClauseId[]): readonly ClauseId[] {
    const start = String(beginning).toLowerCase();
    const found = start === '' ? [] : judged.filter((id) => id.toLowerCase().startsWith(start));
    if (found.length > 0) return found;
    const named = this.clause(path, beginning);
    return named === null ? [] : [named];
  }

  /** A short form: the reason by the name. */
  private listOf(path: string, given: unknown): Waiver[] {
    checkObject(path, given);
    return Object.entries(given as object).map(([name, reason]) => {
      checkReason(`${path}['${name}']`, reason);
      return this.scenarios.includes(name) ? { stopped: name, reason } : { clause: name as ClauseId, reason };
    });
  }

  private waiver(path: string, given: Waiver): Waiver[] {
    checkWaiver(path, given);
    const { clause: name, stopped, until, reason } = given;
    const clause = name === undefined ? null : this.clause(path, name, this.scenarios);
    if (name !== undefined && clause === null) return [];
    if (stopped !== undefined && !this.scenarios.includes(stopped))
      this.unknown(
        `${path}.stopped`,
        stopped,
        this.scenarios,
        'a scenario (guestrig help conform lists them)',
      );
    if (until !== undefined && this.today !== undefined && this.today > until) {
      this.warn(path, `the waiver of ${clause ?? stopped} ended on ${until} (${reason})`);
      return [];
    }
    return [clause === null ? given : { ...given, clause }];
  }

  private unknown(path: string, name: unknown, names: readonly string[], expected: string): void {
    const error = new MisuseError(path, name, expected, names);
    if (this.strict) throw error;
    this.warnings.push(error.message);
  }

  private warn(path: string, text: string): void {
    this.warnings.push(`${path}: ${text}`);
  }
}

const FIELDS = ['clause', 'subject', 'scenario', 'stopped', 'reason', 'link', 'until'];

function checkWaiver(path: string, waiver: Waiver): void {
  checkObject(path, waiver);
  checkNames(waiver, FIELDS, path);
  const { clause, subject, scenario, stopped, reason, link, until } = waiver;
  if ((clause === undefined) === (stopped === undefined))
    throw new MisuseError(path, waiver, 'an object with either clause or stopped');
  for (const [name, text] of Object.entries({ clause, subject, scenario, stopped, link }))
    if (text !== undefined) checkText(`${path}.${name}`, text);
  if (until !== undefined) checkDay(`${path}.until`, until);
  checkReason(`${path}.reason`, reason);
}

function checkReason(path: string, reason: unknown): void {
  if (typeof reason !== 'string' || reason.trim() === '')
    throw new MisuseError(path, reason, 'a reason in words');
}

function checkDay(path: string, day: unknown): void {
  const isDay = typeof day === 'string' && /^\d{4}-\d\d-\d\d$/.test(day);
  const date = new Date(isDay ? day : Number.NaN);
  // A day that its month does not have is taken for one of the next.
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(String(day)))
    throw new MisuseError(path, day, 'a day (example 2027-01-31)');
}

/** Whether a waiver is for a clause's finding in a scenario. */
export function covers(waiver: Waiver, { clause, subject }: Finding, scenario: string | undefined): boolean {
  return (
    waiver.clause === clause &&
    (waiver.subject === undefined || waiver.subject === subject || waiver.subject === deviceOf(subject)) &&
    (waiver.scenario === undefined || waiver.scenario === scenario)
  );
}

/** `one handler serves both modes (https://…)` */
export function reasonsOf(waivers: readonly Waiver[]): string {
  return waivers.map(({ reason, link }) => (link === undefined ? reason : `${reason} (${link})`)).join('; ');
}
