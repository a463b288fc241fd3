import { isHard } from '../../rules/hard.ts';
import { CLAUSE_IDS, CLAUSES, type ClauseId, type Finding } from '../../rules/index.ts';
import type { Verdict } from '../verdict.ts';
import { type ConformVerdict, isFailure, type Under } from './conformance.ts';
import type { ConformanceRun } from './play.ts';

/** Clauses on what lies in rings, and on buffers that do not come out of them. */
const OF_RINGS = /^virtio\/(VQ-|PACKED-|CLEAN-|NET-(RXB|FRAME-LEG)-|STATUS-D4$)/;

/** Checked together at the end of a guest's exploration: that they come with one access proves nothing. */
const ASKED_TOGETHER = 'gce/';

/**
 * Maps each failing clause that always comes with another to that other: whenever it was broken, in every run, so
 * was that. A clause that has a cause of its own even once is listed by itself.
 */
export function tiesOf(
  verdicts: readonly ConformVerdict[],
  runs: readonly ConformanceRun[],
): ReadonlyMap<ClauseId, Under> {
  const failing = verdicts.filter(
    (verdict) => isFailure(verdict) && verdict.findings.length > 0 && !isHard(verdict.clause),
  );
  return tiesAmong(
    findingsOf(
      failing.map(({ clause }) => clause),
      runs,
    ),
  );
}

/** The same of one run. */
export function tiesIn(verdicts: readonly Verdict[]): ReadonlyMap<ClauseId, Under> {
  const failing = verdicts.filter(({ outcome, findings }) => outcome === 'fail' && findings.length > 0);
  return tiesAmong(new Map(failing.map(({ clause, findings }) => [clause, [findings]])));
}

function tiesAmong(broken: Broken): ReadonlyMap<ClauseId, Under> {
  const failing = [...broken.keys()];
  const ties = new Map<ClauseId, Under>();
  for (const clause of failing) {
    const only = failing.find((other) => !ties.has(other) && isHead(other, clause, broken));
    const head = only ?? headAmong(clause, broken, ties);
    if (head === undefined) continue;
    const follows = only === undefined || isConsequence(clause, head, broken);
    ties.set(clause, { clause: head, tie: follows ? 'follows' : 'access' });
    // Clauses listed below this one go with it.
    for (const [below, under] of ties)
      if (under.clause === clause) ties.set(below, { ...under, clause: head });
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

/**
 * Whether `head` is broken wherever `clause` is; if that holds both ways, the first in the catalogue is the head. Those
 * that spoil a queue are one mistake, whichever of them shows in a run; so are those that follow anywhere.
 */
function isHead(head: ClauseId, clause: ClauseId, broken: Broken): boolean {
  if (head === clause || clause.startsWith(ASKED_TOGETHER)) return false;
  const [its, others] = [broken.get(clause)!, broken.get(head)!];
  const isElsewhere = CLAUSES[clause].anywhere === true && followsFrom(clause, head);
  const isOne = isElsewhere || mislays(head, clause) || (isSpoiling(clause) && isSpoiling(head));
  const heads = isOne ? others.flat() : null;
  const covers = its.every((findings, run) =>
    findings.every((finding) => (heads ?? others[run]!).some((other) => isTied(finding, other))),
  );
  if (!covers || isConsequence(clause, head, broken)) return covers;
  const isMutual = others.every((findings, run) =>
    findings.every((finding) => its[run]!.some((other) => isTied(finding, other))),
  );
  return !isMutual || ORDER.get(head)! < ORDER.get(clause)!;
}

/** Of a clause that follows from one here and from another there, the first of those. */
function headAmong(
  clause: ClauseId,
  broken: Broken,
  ties: ReadonlyMap<ClauseId, Under>,
): ClauseId | undefined {
  const rootOf = (head: ClauseId) => ties.get(head)?.clause ?? head;
  const heads = [...broken.keys()].filter((head) => mayFollow(clause, head) && rootOf(head) !== clause);
  const covers = broken
    .get(clause)!
    .every((findings, run) =>
      findings.every((finding) =>
        heads.some((head) => broken.get(head)![run]!.some((other) => isTied(finding, other))),
      ),
    );
  return covers && heads.length > 0 ? rootOf(heads[0]!) : undefined;
}

function isTied(finding: Finding, head: Finding): boolean {
  const isOfOne = deviceOf(finding) === deviceOf(head) || followsAnywhere(finding, head);
  const follows = finding.apart !== true && followsFrom(finding.clause, head.clause);
  const isOfAny = isOfAll(head.clause) || isOfAll(finding.clause);
  if ((follows && (isOfOne || isOfAny)) || isSpoiled(finding, head) || isMislaid(finding, head)) return true;
  return isOfOne && isSameAccess(finding, head);
}

/** Of the same kind of device, in whatever run. */
function followsAnywhere(finding: Finding, head: Finding): boolean {
  const isOfKind = kindOf(finding) === kindOf(head);
  return CLAUSES[finding.clause].anywhere === true && isOfKind && followsFrom(finding.clause, head.clause);
}

/** It was found in rings of such a device, which the device has elsewhere than the driver. */
function isMislaid(finding: Finding, head: Finding): boolean {
  const isOwn = finding.apart === true && CLAUSES[head.clause].mislays !== 'all';
  return mislays(head.clause, finding.clause) && !isOwn && kindOf(finding) === kindOf(head);
}

/** What the queue holds is no longer what was meant. Of a device that has no queue in question, any may be meant. */
function isSpoiled(finding: Finding, head: Finding): boolean {
  const isOwn = finding.apart === true || head.apart === true;
  const isOfQueue = finding.subject === head.subject || !finding.subject.includes(',');
  const isOfOne = isOfQueue && deviceOf(finding) === deviceOf(head);
  return spoils(head.clause, finding.clause) && !isOwn && isOfOne && finding.at >= head.at;
}

/** That may be found of a queue in which `head` was broken; but what `head` follows from is no consequence of it. */
function spoils(head: ClauseId, clause: ClauseId): boolean {
  return isSpoiling(head) && head !== clause && !followsFrom(head, clause);
}

/** What the device reads in a ring, and what of it the driver is seen to store, means nothing then. */
function mislays(head: ClauseId, clause: ClauseId): boolean {
  const isOfRings = OF_RINGS.test(clause) && CLAUSES[clause].mislays === undefined;
  return CLAUSES[head].mislays !== undefined && isOfRings;
}

function isSpoiling(clause: ClauseId): boolean {
  return CLAUSES[clause].spoils === true;
}

/** Interrupt controllers serve all devices. */
function isOfAll(clause: ClauseId): boolean {
  return /^(?:(?:apic|ioapic|pic|pirq)\/|live\/UNHEARD$)/.test(clause);
}

/** Mending `head` mends `clause`: it follows from that, and no finding on it has a cause of its own. */
function isConsequence(clause: ClauseId, head: ClauseId, broken: Broken): boolean {
  return (
    mayFollow(clause, head) &&
    (CLAUSES[head].mislays === 'all' ||
      broken
        .get(clause)!
        .flat()
        .every(({ apart }) => apart !== true))
  );
}

function followsFrom(clause: ClauseId, head: ClauseId): boolean {
  return CLAUSES[clause].follows?.includes(head) ?? false;
}

function mayFollow(clause: ClauseId, head: ClauseId): boolean {
  return followsFrom(clause, head) || spoils(head, clause) || mislays(head, clause);
}

function isSameAccess(one: Finding, other: Finding): boolean {
  const [a, b] = [one.evidence.accesses.at(-1), other.evidence.accesses.at(-1)];
  return one.at === other.at && a !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

/** `net0` of `net0, transmit queue 1`. */
function deviceOf({ subject }: Finding): string {
  return subject.split(/[ ,]/)[0]!;
}

/** `net` of it. */
function kindOf(finding: Finding): string {
  return deviceOf(finding).replace(/\d+$/, '');
}

/** Runs have their verdicts in this order, too. */
const ORDER = new Map(CLAUSE_IDS.map((clause, i) => [clause, i]));
