import { version } from '../../core/version.ts';
import { GatheredKinds } from '../../report/kinds.ts';
import { ALL_IDS, CLAUSE_IDS, type ClauseId, type Finding } from '../../rules/index.ts';
import { BRING_UP_RULES } from '../../rules/virtio/discovery/bring-up.ts';
import { isEndless } from '../host/errors.ts';
import { type DeviceKind, typeOf, VIRTIO_KINDS } from '../model/kinds.ts';
import { type DriverModel, drivesOf } from '../model/model.ts';
import type { Verdict } from '../verdict.ts';
import { reachedOn, verdictIn } from './compact-verdicts.ts';
import { type Conformance, type ConformVerdict, outcomesOf } from './conformance.ts';
import { tiesOf } from './mistakes.ts';
import type { ConformanceRun, PlayedRun } from './play.ts';

/** What is judged, and failures other than broken clauses. */
interface Terms {
  readonly require: readonly ClauseId[];
  readonly hostile: boolean;
  /** Those that are judged. */
  readonly only: readonly ClauseId[];
}

/** The report of these runs. */
export function reportOf(
  model: DriverModel,
  {
    profile,
    seeds,
    rules,
    warnings,
    ...terms
  }: Terms & Pick<Conformance, 'profile' | 'seeds' | 'rules' | 'warnings'>,
  played: Pick<Conformance, 'unplayed' | 'skipped'> & { readonly runs: readonly PlayedRun[] },
): Conformance {
  const { runs } = played;
  const judged = verdictsOfRuns(runs, terms).filter(({ clause }) => terms.only.includes(clause));
  const verdicts = withTies(judged, runs);
  const stopped = endlessFirst(runs.filter((run) => run.stopped !== null));
  const report = {
    model: model.name,
    guestrig: version(),
    rules,
    drives: drivenIn(model, verdicts, runs.length),
    profile,
    seeds,
    ...played,
    verdicts,
    stopped,
    waived: [],
    gone: [],
    warnings,
  };
  return { ...report, ...outcomesOf(report) };
}

/** Where a model does not say what it drives: what it came by, once it was played. */
function drivenIn(
  model: DriverModel,
  verdicts: readonly ConformVerdict[],
  runs: number,
): readonly DeviceKind[] {
  const { kinds, isOpen } = drivesOf(model);
  if (!isOpen || runs === 0) return kinds;
  const reached = verdicts.filter(({ clause, met }) => met > 0 && /^(?:virtio|scsi)\//.test(clause));
  const types = new Set(reached.flatMap(({ clause }) => typeOf(clause) ?? []));
  if (types.size > 0) return [...types];
  return reached.length > 0 ? VIRTIO_KINDS : [];
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
  // A driver that seldom comes up is not judged by how it comes up on unusual devices.
  const finished = runs.filter(({ stopped }) => stopped === null).length;
  const isUp = finished > 0 && 2 * finished >= runs.length;
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
  { require }: Terms,
): Pick<ConformVerdict, 'outcome' | 'note'> {
  if (telling === null)
    return require.includes(clause)
      ? { outcome: 'fail', note: 'nothing reached it, and it is required' }
      : { outcome: 'unreached', note: null };
  return { outcome: telling.outcome, note: null };
}
