import type { AccessRecord, AccessTrail } from './access.ts';
import type { Nanos } from './bits.ts';
import { CLAUSES, type ClauseId, type Severity, severityOf } from './clause.ts';

/** What a finding rests on. */
export interface Evidence {
  /** The guest's accesses up to the one that broke the clause, newest first; the first may be still under way. */
  readonly accesses: readonly AccessRecord[];
  /** What the device saw in memory: `desc[3].flags = 0005`. */
  readonly facts: readonly string[];
}

/** The guest broke a clause, once. */
export interface Finding {
  readonly clause: ClauseId;
  readonly severity: Severity;
  readonly at: Nanos;
  /** Who was addressed: `net0, transmit queue 1`. */
  readonly subject: string;
  /** What happened in this run, in one sentence with the driver's own numbers. */
  readonly said: string;
  readonly evidence: Evidence;
}

const SHOWN_ACCESSES = 4;
/** Of one clause; further ones are counted only, so that a driver in a loop fills no memory. */
const KEPT_PER_CLAUSE = 16;

/**
 * What the guest was seen to do: which clauses came into play, and which it broke. Devices write it; the device
 * goes on as hardware would.
 *
 * @example
 * journal.met('virtio/STATUS-D2');
 * if (lost) journal.report('virtio/STATUS-D2', 'net0', 'status went from 07 to 03 without a reset');
 * journal.of('virtio/STATUS-D2').length;
 */
export class Journal {
  readonly findings: Finding[] = [];
  /** Called with each finding that is kept. */
  onFinding: ((finding: Finding) => void) | null = null;
  private readonly trail: AccessTrail;
  private readonly now: () => Nanos;
  private readonly exercised = new Set<ClauseId>();
  private readonly counts = new Map<ClauseId, number>();

  constructor(now: () => Nanos, trail: AccessTrail) {
    this.now = now;
    this.trail = trail;
  }

  /** The guest came to a point where this clause is checked. */
  met(clause: ClauseId): void {
    this.exercised.add(clause);
  }

  /** The guest broke this clause. */
  report(clause: ClauseId, subject: string, said: string, ...facts: string[]): void {
    this.exercised.add(clause);
    const count = (this.counts.get(clause) ?? 0) + 1;
    this.counts.set(clause, count);
    if (count > KEPT_PER_CLAUSE) return;
    const finding: Finding = {
      clause,
      severity: severityOf(CLAUSES[clause].strength),
      at: this.now(),
      subject,
      said,
      evidence: { accesses: this.trail.newest(SHOWN_ACCESSES), facts },
    };
    this.findings.push(finding);
    this.onFinding?.(finding);
  }

  /**
   * Meets the clause, and reports it unless `kept`: `what value` is what happened. The text is built only then, so
   * that this may run for every frame and request.
   */
  check(clause: ClauseId, kept: boolean, subject: string, what: string, value: number): boolean {
    this.met(clause);
    if (!kept) this.report(clause, subject, `${what} ${value}`);
    return kept;
  }

  /** Runs what is not the guest's doing, and forgets what it met and broke. */
  quietly(run: () => void): void {
    const met = [...this.exercised];
    const counts = [...this.counts];
    const { length } = this.findings;
    run();
    this.exercised.clear();
    for (const clause of met) this.exercised.add(clause);
    this.counts.clear();
    for (const [clause, count] of counts) this.counts.set(clause, count);
    this.findings.length = length;
  }

  reached(clause: ClauseId): boolean {
    return this.exercised.has(clause);
  }

  /** How often it was broken, the findings that were not kept included. */
  count(clause: ClauseId): number {
    return this.counts.get(clause) ?? 0;
  }

  of(clause: ClauseId): readonly Finding[] {
    return this.findings.filter((finding) => finding.clause === clause);
  }
}
