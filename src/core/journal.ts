import type { AccessRecord, AccessTrail, Mark } from './access.ts';
import type { Nanos, Time } from './bits.ts';
import { type Severity, type Strength, severityOf } from './rule.ts';

/** What a finding rests on. */
export interface Evidence {
  /**
   * The guest's accesses, newest first: from the one that broke the clause, which may be still under way, back to the
   * one that began it, where that is known.
   */
  readonly accesses: readonly AccessRecord[];
  /** How many are left out before the last of them. */
  readonly skipped: number;
  /** What was seen in memory: `desc[3].flags = 0005`. */
  readonly facts: readonly string[];
}

/** The guest broke a clause, once. */
export interface Finding<Id extends string = string> {
  readonly clause: Id;
  readonly severity: Severity;
  readonly at: Nanos;
  /** Who was addressed: `net0, transmit queue 1`. */
  readonly subject: string;
  /** What happened in this run, in one sentence with the driver's own numbers. */
  readonly said: string;
  readonly evidence: Evidence;
}

/** What a watch has to say when a rule is broken. */
interface Broken {
  readonly clause: string;
  readonly strength: Strength;
  readonly subject: string;
  readonly said: string;
  readonly facts: readonly string[];
  /** The access that began it, if that is known. */
  readonly since: Mark | null;
}

/** How a clause fared. */
export interface Tally {
  /** How often the guest came to where it could have broken it. */
  met: number;
  broken: number;
  /** Virtual time at which it was met last. */
  at: Nanos;
}

/** Of one clause; further ones are counted only, so that a driver in a loop fills no memory. */
const KEPT_PER_CLAUSE = 16;

/**
 * What the guest was seen to do: which clauses came into play and how often, and which it broke. Watches write it.
 *
 * @example
 * const tally = journal.tally('virtio/STATUS-D2');
 * tally.met++;
 * journal.add({ clause: 'virtio/STATUS-D2', strength: 'MUST NOT', subject: 'net0', said: '…', facts: [], since: null });
 * journal.of('virtio/STATUS-D2').length;       // 1
 */
export class Journal {
  readonly findings: Finding[] = [];
  private readonly clock: Time;
  /** Called with each finding that is kept. */
  onFinding: ((finding: Finding) => void) | null = null;
  /** What happens is not the guest's doing: nothing is written down. */
  quiet = false;
  /** Asked as a rule is broken: is that the doing of somebody who is not judged, such as a firmware? Null is nobody's. */
  excuses: (() => boolean) | null = null;
  /** What they broke, sixteen of each clause at most; it counts nowhere. */
  readonly excused: Finding[] = [];
  /** Where accesses are kept; for who has more of them to keep. */
  readonly trail: AccessTrail;
  private readonly tallies = new Map<string, Tally>();
  private counters: readonly (() => void)[] = [];

  constructor(clock: Time, trail: AccessTrail) {
    this.clock = clock;
    this.trail = trail;
  }

  /** How `clause` fared; the one object for all who count. */
  tally(clause: string): Tally {
    let tally = this.tallies.get(clause);
    if (tally === undefined) {
      tally = { met: 0, broken: 0, at: 0 };
      this.tallies.set(clause, tally);
    }
    return tally;
  }

  /** `count` is called before anybody reads a tally: for who counts by himself, where each chain is too often. */
  beforeReading(count: () => void): void {
    this.counters = [...this.counters, count];
  }

  /** Runs what makes watches. @returns what has them count for the last time, and forgets them: nobody is watched any more. */
  watching(make: () => void): () => void {
    const before = this.counters.length;
    make();
    const made = this.counters.slice(before);
    return () => {
      for (const count of made) count();
      this.counters = this.counters.filter((count) => !made.includes(count));
    };
  }

  get now(): Nanos {
    return this.clock.now;
  }

  /** The access under way, or the last one. */
  get mark(): Mark {
    return this.trail.mark;
  }

  /** Whether a finding of the clause with this tally would be kept; one that would not is counted. */
  keeps(tally: Tally): boolean {
    if (tally.broken < KEPT_PER_CLAUSE || this.excuses !== null) return true;
    tally.broken++;
    return false;
  }

  /** The guest broke a clause. */
  add(broken: Broken): void {
    if (this.quiet) return;
    const { clause } = broken;
    if (this.excuses?.() === true) {
      const before = this.excused.filter((finding) => finding.clause === clause);
      if (before.length < KEPT_PER_CLAUSE) this.excused.push(this.findingOf(broken));
      return;
    }
    const tally = this.tally(clause);
    tally.broken++;
    if (tally.broken > KEPT_PER_CLAUSE) return;
    const finding = this.findingOf(broken);
    this.findings.push(finding);
    this.onFinding?.(finding);
  }

  /** What was met so far was met by somebody who is not judged, and does not count. */
  startOver(): void {
    this.settle();
    for (const tally of this.tallies.values()) tally.met = tally.at = 0;
  }

  /** Runs what is not the guest's doing: nothing of it is counted, kept, or told to anybody. */
  quietly(run: () => void): void {
    this.settle();
    const before = [...this.tallies].map(([clause, tally]) => [clause, { ...tally }] as const);
    this.quiet = true;
    try {
      run();
    } finally {
      this.settle();
      this.quiet = false;
      for (const tally of this.tallies.values()) Object.assign(tally, { met: 0, broken: 0, at: 0 });
      for (const [clause, tally] of before) Object.assign(this.tally(clause), tally);
    }
  }

  /** How `clause` fared so far. */
  read(clause: string): Readonly<Tally> {
    this.settle();
    return this.tally(clause);
  }

  reached(clause: string): boolean {
    return this.read(clause).met > 0;
  }

  /** How often it was broken, the findings that were not kept included. */
  count(clause: string): number {
    return this.tallies.get(clause)?.broken ?? 0;
  }

  of(clause: string): readonly Finding[] {
    return this.findings.filter((finding) => finding.clause === clause);
  }

  private findingOf({ clause, strength, subject, said, facts, since }: Broken): Finding {
    return {
      clause,
      severity: severityOf(strength),
      at: this.now,
      subject,
      said,
      evidence: { ...this.trail.evidence(since), facts },
    };
  }

  private settle(): void {
    for (const count of this.counters) count();
  }
}
