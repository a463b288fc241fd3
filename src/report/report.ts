import type { Finding } from '../core/finding.ts';
import type { Clause } from '../core/rule.ts';
import { version } from '../core/version.ts';
import { visible } from '../core/visible.ts';
import type { Place } from './place.ts';

/** The words for the outcome of a rule, the same in every report. */
export const OUTCOMES = ['fail', 'noted', 'waived', 'pass', 'unreached'] as const;

/**
 * `pass`: the guest reached the check and kept the rule. `fail`: it broke a MUST or SHOULD. `noted`: it broke a note, which
 * fails nothing. `unreached`: nothing exercised it, which is never a pass. `waived`: it broke it, and the user gave a
 * reason.
 */
export type Outcome = (typeof OUTCOMES)[number];

/** A run of the suite, which can be repeated. */
export interface Run {
  readonly scenario: string;
  readonly seed: number;
}

/** The result of one rule, or of one thing that is only counted: a scenario, the end of a boot. */
export interface ReportLine {
  /** Lines of one group stand together: `virtio`, `scenarios`. */
  readonly group: string;
  /** `virtio/FEAT-D1`, a scenario's name, an option of a kernel. */
  readonly name: string;
  /** Of a scenario that was not played: `skipped`, for the model lacks what it needs, or `unplayed`. */
  readonly outcome: Outcome | 'skipped' | 'unplayed';
  /** Why, in a line: what happened, the reason, how often it was met. */
  readonly said: string;
  /** What is asked; null for what is only counted. */
  readonly rule: Clause | null;
  /** The rule came after the last version: `new in the rules 0.3`. Null for others. */
  readonly news: string | null;
  readonly findings: readonly Finding[];
  /** Where the findings were made, that the rule is new, and what else broke with them: a line each. */
  readonly about: readonly string[];
  /** `fails with virtio/FEAT-D1, by the same access`: it is listed below that line. Null for none. */
  readonly under: string | null;
  /** The run in which it was broken first; null if it was not, or if there is but one run. */
  readonly run: Run | null;
  /** Names of the scenarios in which it was broken. */
  readonly scenarios: readonly string[];
  /** Where there are no findings: its own place, and its grounds. */
  readonly place: Place | null;
  readonly grounds: string;
}

/** What ended a run before it was done. */
export interface Stop {
  readonly said: string;
  /** `in "a machine whose power fails", seed 3, and 4 more runs` */
  readonly where: string;
  /** The clause by which it may have stopped, and why: `virtio/VQ-AVSUP-D4: net0: …`; null for none. */
  readonly suspected: string | null;
  readonly place: Place | null;
  /** The frames of the error; empty where there is none. */
  readonly stack: string;
  /** The first that was stopped so; null where there is but one run. */
  readonly run: Run | null;
}

/** Scenarios that were not played, for one reason. */
export interface Skip {
  readonly reason: string;
  readonly scenarios: readonly string[];
}

/** What a command found, for people, programs and CI: each format is a writer on it. */
export interface Report {
  /** A driver's name, or the command with its subject. */
  readonly name: string;
  /** The machine: `gce-n1`. */
  readonly profile: string;
  /** The set of rules by which it was judged: `0.2`. Null where there is none. */
  readonly rules: string | null;
  /** What was played: `3 scenarios, seed 1`. */
  readonly played: string;
  /** The outcome of all: `conforms`, and the reason why not: `2 clauses fail`. */
  readonly passed: boolean;
  readonly word: string;
  readonly why: string;
  readonly lines: readonly ReportLine[];
  readonly stops: readonly Stop[];
  readonly skips: readonly Skip[];
  /** A sentence on runs that were left out; null for none. */
  readonly unplayed: string | null;
  /** What is to be said of waivers and names that the user gave: a sentence each. */
  readonly warnings: readonly string[];
  /** The folder to which places are relative. */
  readonly root: string;
}

/** What a report leaves out that has no more than lines. */
export const NOTHING_ELSE = {
  played: '',
  why: '',
  stops: [],
  skips: [],
  unplayed: null,
  warnings: [],
  root: '/',
} as const satisfies Partial<Report>;

/** A line without findings. */
export const NO_FINDINGS = {
  rule: null,
  news: null,
  findings: [],
  about: [],
  under: null,
  run: null,
  scenarios: [],
  place: null,
  grounds: '',
} as const satisfies Partial<ReportLine>;

/** `guestrig 0.2.0, rules 0.2`; how many of the rules are new, if any. */
export function byText({ rules, lines }: Pick<Report, 'rules' | 'lines'>): string {
  const count = lines.filter(({ news }) => news !== null).length;
  const news = count === 0 ? '' : `, of which ${count} new`;
  return `guestrig ${version()}${rules === null ? '' : `, rules ${rules}${news}`}`;
}

/** A line that has a rule. */
export type RuleLine = ReportLine & { readonly rule: Clause };

export function ruleLines({ lines }: Pick<Report, 'lines'>): RuleLine[] {
  return lines.filter((line): line is RuleLine => line.rule !== null);
}

/** The failures that are listed by themselves. */
export function headsOf(report: Pick<Report, 'lines'>): RuleLine[] {
  return ruleLines(report).filter(({ outcome, under }) => outcome === 'fail' && under === null);
}

export function notesOf(report: Pick<Report, 'lines'>): RuleLine[] {
  return ruleLines(report).filter(({ outcome }) => outcome === 'noted');
}

/** `mine conforms`; `mine does not conform: 2 clauses fail` */
export function outcomeText({ name, word, why }: Pick<Report, 'name' | 'word' | 'why'>): string {
  return `${visible(name)} ${word}${why === '' ? '' : `: ${why}`}`;
}

/** The same as a sentence. */
export function resultText(report: Parameters<typeof outcomeText>[0]): string {
  return `${outcomeText(report)}.`;
}

/** Why a line is neither good nor bad, its outcome first: `waived: one handler serves both modes`. */
export function reasonOf({ outcome, said }: Pick<ReportLine, 'outcome' | 'said'>): string {
  return said === '' ? outcome : `${outcome}: ${said}`;
}

/** Scenarios that were not played, in a line; null for none. */
export function skipText(skips: readonly Skip[]): string | null {
  const [first, ...others] = skips;
  if (first === undefined) return null;
  const count = skips.reduce((sum, { scenarios }) => sum + scenarios.length, 0);
  const reason = others.length === 0 ? first.reason : 'they need uses that the model does not give';
  return `${countText(count)}: ${visible(reason)}`;
}

/** `1 scenario`, `2 scenarios`. */
export function countText(scenarios: number): string {
  return `${scenarios} ${scenarios === 1 ? 'scenario' : 'scenarios'}`;
}

/** A stop in words: the error, and where. */
export function stopText(stop: Stop): string {
  return [stop.said, ...suspectLines(stop), stop.where].filter((text) => text !== '').join('\n');
}

/** `suspects virtio/VQ-AVSUP-D4: net0: …` */
export function suspectLines({ suspected }: Pick<Stop, 'suspected'>): string[] {
  return suspected === null ? [] : [`suspects ${suspected}`];
}
