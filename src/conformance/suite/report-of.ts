import { GatheredKinds } from '../../report/kinds.ts';
import { isHard } from '../../rules/hard.ts';
import { ALL_IDS, CLAUSE_IDS, CLAUSES, type ClauseId, type Finding } from '../../rules/index.ts';
import { BRING_UP_RULES } from '../../rules/virtio/discovery/bring-up.ts';
import { isEndless } from '../host/errors.ts';
import type { SuiteWaivers, Verdict } from '../verdict.ts';
import { reachedOn, verdictIn } from './compact-verdicts.ts';
import { type Conformance, type ConformVerdict, isFailure, outcomesOf, type Under } from './conformance.ts';
import type { ConformanceRun, PlayedRun } from './play.ts';

/** Failures other than broken clauses, and exemptions. */
interface Terms {
  readonly waive: SuiteWaivers;
  readonly require: readonly ClauseId[];
  readonly hostile: boolean;
  /** Left out, all. */
  readonly only?: readonly ClauseId[];
}

/** The report of these runs. */
export function reportOf(
  model: string,
  { profile, seeds, ...terms }: Terms & Pick<Conformance, 'profile' | 'seeds'>,
  played: Pick<Conformance, 'unplayed' | 'skipped'> & { readonly runs: readonly PlayedRun[] },
): Conformance {
  const { runs } = played;
  const { only, waive } = terms;
  const judged = verdictsOfRuns(runs, terms).filter(({ clause }) => only?.includes(clause) ?? true);
  const verdicts = withTies(judged, runs);
  const unfinished = runs.filter((run) => run.stopped !== null);
  const reasons = new Map(Object.entries(waive));
  const stopped = endlessFirst(unfinished.filter(({ scenario }) => !reasons.has(scenario)));
  const waived = [...new Set(unfinished.map(({ scenario }) => scenario))].flatMap((scenario) => {
    const reason = reasons.get(scenario);
    return reason === undefined ? [] : [{ scenario, reason }];
  });
  const report = { model, profile, seeds, ...played, verdicts, stopped, waived, gone: [] };
  return { ...report, ...outcomesOf(report) };
}

/** One that did not return hides what comes after it, and an error is often its consequence. */
function endlessFirst(stopped: readonly PlayedRun[]): PlayedRun[] {
  const ofKind = (endless: boolean) => stopped.filter((run) => isEndless(run.stopped) === endless);
  return [...ofKind(true), ...ofKind(false)];
}

/** Tied again, since it depends on which others fail. */
export function withTies(
  verdicts: readonly ConformVerdict[],
  runs: readonly ConformanceRun[],
): ConformVerdict[] {
  const ties = tiesOf(verdicts, runs);
  return verdicts.map((verdict) => ({ ...verdict, under: ties.get(verdict.clause) ?? null }));
}

/** The runs so far, for one clause. */
interface Sum {
  met: number;
  broken: number;
  /** The most significant verdict, and its run. */
  telling: Verdict | null;
  run: ConformanceRun | null;
  /** Of the runs of equal significance. */
  gathered: GatheredKinds<Finding>;
  readonly scenarios: Set<string>;
}

/** All runs together, clause by clause. */
function verdictsOfRuns(runs: readonly PlayedRun[], terms: Terms): ConformVerdict[] {
  // A driver that never comes up is not judged by how it comes up on unusual devices.
  const isUp = runs.some(({ stopped }) => stopped === null);
  const clauses = terms.hostile ? ALL_IDS : CLAUSE_IDS;
  const sums = clauses.map(
    (): Sum => ({
      met: 0,
      broken: 0,
      telling: null,
      run: null,
      gathered: new GatheredKinds<Finding>(),
      scenarios: new Set(),
    }),
  );
  const counts = clauses.map((clause) => isUp || !Object.hasOwn(BRING_UP_RULES, clause));
  for (const run of runs)
    reachedOn(run.compact, (i, met, broken, row) => {
      if (!counts[i]) return;
      const sum = sums[i]!;
      sum.met += met;
      sum.broken += broken;
      // In ten thousand runs each keeps a hundred clauses, and the first of these runs is as significant as
      // all.
      if (broken > 0 || sum.telling === null) tell(sum, verdictIn(run.compact, row), run);
    });
  return clauses.map((clause, i) => {
    const { met, broken, telling, run, gathered, scenarios } = sums[i]!;
    return {
      clause,
      ...outcomeOf(clause, telling, terms),
      met,
      broken,
      scenario: run?.scenario ?? null,
      seed: run?.seed ?? null,
      findings: gathered.findings,
      scenarios: [...scenarios],
      under: null,
    };
  });
}

function tell(sum: Sum, verdict: Verdict, run: ConformanceRun): void {
  if (verdict.broken > 0) sum.scenarios.add(run.scenario);
  const [told, before] = [tells(verdict), sum.telling === null ? 0 : tells(sum.telling)];
  if (told > before) Object.assign(sum, { telling: verdict, run, gathered: new GatheredKinds<Finding>() });
  if (told >= before) sum.gathered.add(verdict.findings);
}

/** A broken MUST is more significant than a broken note, and that more than a kept clause. */
function tells(verdict: Verdict): number {
  if (verdict.outcome === 'fail') return 3;
  if (verdict.outcome === 'noted') return 2;
  return verdict.met > 0 ? 1 : 0;
}

function outcomeOf(
  clause: ClauseId,
  telling: Verdict | null,
  { waive, require }: Terms,
): Pick<ConformVerdict, 'outcome' | 'note'> {
  if (telling === null)
    return require.includes(clause)
      ? { outcome: 'fail', note: 'nothing reached it, and it is required' }
      : { outcome: 'unreached', note: null };
  const reason = waive[clause];
  if (telling.broken > 0 && reason !== undefined) return { outcome: 'waived', note: reason };
  return { outcome: telling.outcome, note: null };
}

/** Checked together at the end of a guest's exploration: that they come with one access proves nothing. */
const ASKED_TOGETHER = 'gce/';

/**
 * Maps each failing clause that always comes with another to that other: whenever it was broken, in every run, so
 * was that. A clause that has a cause of its own even once is listed by itself.
 */
function tiesOf(
  verdicts: readonly ConformVerdict[],
  runs: readonly ConformanceRun[],
): ReadonlyMap<ClauseId, Under> {
  const failing = verdicts.filter(
    (verdict) => isFailure(verdict) && verdict.findings.length > 0 && !isHard(verdict.clause),
  );
  const broken = findingsOf(
    failing.map(({ clause }) => clause),
    runs,
  );
  const ties = new Map<ClauseId, Under>();
  for (const { clause } of failing) {
    const head = failing.find((other) => !ties.has(other.clause) && isHead(other.clause, clause, broken));
    if (head === undefined) continue;
    const follows = isConsequence(clause, head.clause, broken);
    ties.set(clause, { clause: head.clause, tie: follows ? 'follows' : 'access' });
    // Clauses listed below this one go with it.
    for (const [below, under] of ties)
      if (under.clause === clause) ties.set(below, { ...under, clause: head.clause });
  }
  return ties;
}

type Broken = ReadonlyMap<ClauseId, readonly (readonly Finding[])[]>;

/** Of each clause in each run, if there are any. */
function findingsOf(clauses: readonly ClauseId[], runs: readonly ConformanceRun[]): Broken {
  const broken = new Map(clauses.map((clause): [ClauseId, (readonly Finding[])[]] => [clause, []]));
  if (clauses.length === 0) return broken;
  for (const { verdicts } of runs)
    for (const [clause, its] of broken) its.push(verdicts[ORDER.get(clause)!]!.findings);
  return broken;
}

/** Whether `head` is broken wherever `clause` is; if that holds both ways, the first in the catalogue is the head. */
function isHead(head: ClauseId, clause: ClauseId, broken: Broken): boolean {
  if (head === clause || clause.startsWith(ASKED_TOGETHER)) return false;
  const [its, others] = [broken.get(clause)!, broken.get(head)!];
  const covers = its.every((findings, run) =>
    findings.every((finding) => others[run]!.some((other) => isTied(finding, other))),
  );
  if (!covers || isConsequence(clause, head, broken)) return covers;
  const isMutual = others.every((findings, run) =>
    findings.every((finding) => its[run]!.some((other) => isTied(finding, other))),
  );
  return !isMutual || ORDER.get(head)! < ORDER.get(clause)!;
}

function isTied(finding: Finding, head: Finding): boolean {
  if (deviceOf(finding) !== deviceOf(head)) return false;
  const follows = finding.apart !== true && followsFrom(finding.clause, head.clause);
  return follows || isSameAccess(finding, head);
}

/** Mending `head` mends `clause`: it follows from that, and no finding on it has a cause of its own. */
function isConsequence(clause: ClauseId, head: ClauseId, broken: Broken): boolean {
  return (
    followsFrom(clause, head) &&
    broken
      .get(clause)!
      .flat()
      .every(({ apart }) => apart !== true)
  );
}

function followsFrom(clause: ClauseId, head: ClauseId): boolean {
  return CLAUSES[clause].follows?.includes(head) ?? false;
}

function isSameAccess(one: Finding, other: Finding): boolean {
  const [a, b] = [one.evidence.accesses.at(-1), other.evidence.accesses.at(-1)];
  return one.at === other.at && a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

/** `net0` of `net0, transmit queue 1`. */
function deviceOf({ subject }: Finding): string {
  return subject.split(/[ ,]/)[0]!;
}

/** Runs have their verdicts in this order, too. */
const ORDER = new Map(CLAUSE_IDS.map((clause, i) => [clause, i]));
