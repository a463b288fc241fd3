import type { AccessTrail, Mark } from './access.ts';
import type { Nanos, Time } from './bits.ts';
import { callers } from './callers.ts';
import type { Finding } from './finding.ts';
import { deviceOf, kindOf } from './finding-kind.ts';
import type { RingPicture } from './ring-picture.ts';
import { type Strength, severityOf } from './rule.ts';

type Counted = Finding & { count: number };

/** What a watch has to say when a rule is broken. */
interface Broken {
  readonly clause: string;
  readonly strength: Strength;
  readonly subject: string;
  readonly said: string;
  readonly facts: readonly string[];
  /** The access that began it, if that is known. */
  readonly since: Mark | null;
  /** Takes the picture of the ring that it is about. Asked of a finding that is kept, and of no other. */
  readonly ring?: () => RingPicture | null;
}

/**
 * How it is known what a guest stores to memory: each store is seen; or what a device has is compared with what it was, so
 * that a change is seen and no order; or it is not.
 */
export type StoreSight = 'stores' | 'compared' | 'none';

/** Whose doing it is from now on. */
interface Turn {
  /** Of somebody who is not judged. */
  readonly excused: boolean;
  /** What was met so far counts no more. */
  readonly anew: boolean;
}

/** How a clause fared. */
export interface Tally {
  /** How often the guest came to where it could have broken it. */
  met: number;
  broken: number;
  /** Virtual time at which it was met last. */
  at: Nanos;
}

/** How many numbers that is. */
const NUMBERS = 3;
/** Of a clause that nobody came by. */
export const UNMET: Readonly<Tally> = { met: 0, broken: 0, at: 0 };
/** Of one clause, each in other words; further ones are counted only, so that a driver in a loop fills no memory. */
const KEPT_PER_CLAUSE = 16;
/** Beyond these the first of each kind is kept: a loop on one device hides no other device. */
const KINDS_PER_CLAUSE = 64;
/** And so many are put into words, and the first of each device, so that it does not take all the time. */
const WORDED_PER_CLAUSE = 1000;

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
  private readonly byWords = new Map<string, Counted>();
  /** Kinds that are kept, and devices: of each clause, by whose doing it was. */
  private readonly kinds = new Set<string>();
  private readonly devices = new Set<string>();
  private readonly clock: Time;
  private readonly withStack: boolean;
  /** Called with each finding that is kept. */
  onFinding: ((finding: Finding) => void) | null = null;
  /** Called with what rules are told that no device saw; null is nobody. */
  onTold: ((told: object) => void) | null = null;
  /** What happens is not the guest's doing: nothing is written down. */
  quiet = false;
  /**
   * Asked as a rule is broken, with the subject of that: is it the doing of somebody who is not judged, such as a firmware?
   * Asked with null: of what is done now, whatever that is. Left null, all is the doing of the guest.
   */
  excuses: ((subject: string | null) => boolean) | null = null;
  /** Called when that shows to have changed, before the breach by which it shows; null is nobody. */
  onTurn: ((turn: Turn) => void) | null = null;
  private excusing = false;
  /** What they broke, sixteen of each clause at most; it counts nowhere. */
  readonly excused: Finding[] = [];
  /** Where accesses are kept; for who has more of them to keep. */
  readonly trail: AccessTrail;
  /** False where nobody watches the guest: then no finding is no praise. */
  watched = true;
  /** How it is known what drivers store to memory. */
  stores: StoreSight = 'none';
  private readonly tallies = new Map<string, Tally>();
  private counters: readonly (() => void)[] = [];
  private endings: readonly ((waiting: boolean) => void)[] = [];

  /** @param withStack findings keep who made the access. */
  constructor(clock: Time, trail: AccessTrail, withStack = false) {
    this.clock = clock;
    this.withStack = withStack;
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

  /**
   * `judge` is called when the run is over: for who asks what was never done. `waiting`, if the guest would have gone on for
   * ever, and was ended.
   */
  atEnd(judge: (waiting: boolean) => void): void {
    this.endings = [...this.endings, judge];
  }

  /** The run is over, however it ended: what the guest left undone is judged as it is now. */
  end(waiting = false): void {
    for (const judge of this.endings) judge(waiting);
    this.settle();
  }

  /** Runs what makes watches. @returns what has them count for the last time, and forgets them: nobody is watched any more. */
  watching(make: () => void): () => void {
    const [counters, endings] = [this.counters.length, this.endings.length];
    make();
    const counts = this.counters.slice(counters);
    const ends = this.endings.slice(endings);
    return () => {
      for (const count of counts) count();
      this.counters = this.counters.filter((count) => !counts.includes(count));
      this.endings = this.endings.filter((end) => !ends.includes(end));
    };
  }

  get now(): Nanos {
    return this.clock.now;
  }

  /** The access under way, or the last one. */
  get mark(): Mark {
    return this.trail.mark;
  }

  /** Whether a breach of the clause with this tally is to be put into words; one that is not is counted. */
  words(tally: Tally, clause: string, subject: string): boolean {
    if (tally.broken < WORDED_PER_CLAUSE || this.excuses !== null) return true;
    if (!this.devices.has(`${clause}\n${deviceOf(subject)}`)) return true;
    tally.broken++;
    return false;
  }

  /** The guest broke a clause. */
  add(broken: Broken): void {
    if (this.quiet) return;
    const { clause, subject, said } = broken;
    const excused = this.isExcused(subject);
    if (!excused) this.tally(clause).broken++;
    if (!excused) this.devices.add(`${clause}\n${deviceOf(subject)}`);
    const words = `${excused}\n${clause}\n${subject}\n${said}`;
    const known = this.byWords.get(words);
    if (known !== undefined) known.count++;
    else if (this.keeps(broken, excused)) {
      const finding = this.findingOf(broken);
      this.byWords.set(words, finding);
      (excused ? this.excused : this.findings).push(finding);
      if (!excused) this.onFinding?.(finding);
    }
  }

  private keeps(broken: Broken, excused: boolean): boolean {
    const { clause } = broken;
    const kept = (excused ? this.excused : this.findings).filter((finding) => finding.clause === clause);
    if (kept.length >= KINDS_PER_CLAUSE) return false;
    const kind = `${excused}\n${clause}\n${kindOf(broken)}`;
    const isNew = !this.kinds.has(kind);
    this.kinds.add(kind);
    return isNew || kept.length < KEPT_PER_CLAUSE;
  }

  /** Whether what is done now, or a breach of this subject, is the doing of somebody who is not judged. */
  isExcused(subject: string | null = null): boolean {
    const excused = this.excuses?.(subject) === true;
    if (excused !== this.excusing) {
      this.excusing = excused;
      this.onTurn?.({ excused, anew: false });
    }
    return excused;
  }

  /** What was met so far was met by somebody who is not judged, and does not count. */
  startOver(): void {
    this.onTurn?.({ excused: this.excusing, anew: true });
    this.settle();
    for (const tally of this.tallies.values()) tally.met = tally.at = 0;
  }

  /** Runs what is not the guest's doing: nothing of it is counted, kept, or told to anybody. */
  quietly(run: () => void): void {
    this.settle();
    const before = this.numbers();
    this.quiet = true;
    try {
      run();
    } finally {
      this.settle();
      this.quiet = false;
      this.setTallies(before);
    }
  }

  /** The findings so far, those included that watches tell only when somebody asks. */
  readFindings(): readonly Finding[] {
    this.settle();
    return this.findings;
  }

  /** How each clause fared so far that somebody watches. */
  readAll(): ReadonlyMap<string, Readonly<Tally>> {
    this.settle();
    return this.tallies;
  }

  /** How `clause` fared so far. */
  read(clause: string): Readonly<Tally> {
    this.settle();
    return this.tally(clause);
  }

  reached(clause: string): boolean {
    return this.read(clause).met > 0;
  }

  /** How often it was broken, what was not kept included. */
  count(clause: string): number {
    return this.tallies.get(clause)?.broken ?? 0;
  }

  of(clause: string): readonly Finding[] {
    return this.findings.filter((finding) => finding.clause === clause);
  }

  private findingOf({ clause, strength, subject, said, facts, since, ring }: Broken): Counted {
    const picture = ring?.() ?? null;
    const evidence = { ...this.trail.evidence(since), facts, ...(picture !== null && { ring: picture }) };
    const severity = severityOf(strength);
    const finding = { clause, severity, at: this.now, count: 1, subject, said, evidence, stack: '' };
    const stack = this.withStack ? callers() : '';
    return Object.defineProperty(finding, 'stack', { value: stack, enumerable: false });
  }

  /** Of all tallies, in the order in which they came to be. */
  private numbers(): Float64Array {
    const numbers = new Float64Array(this.tallies.size * NUMBERS);
    let place = 0;
    for (const { met, broken, at } of this.tallies.values()) {
      numbers[place++] = met;
      numbers[place++] = broken;
      numbers[place++] = at;
    }
    return numbers;
  }

  /** In the order in which they came to be, in which they stay: what came later was not yet met. */
  private setTallies(numbers: Float64Array): void {
    let place = 0;
    for (const tally of this.tallies.values()) {
      tally.met = numbers[place++] ?? 0;
      tally.broken = numbers[place++] ?? 0;
      tally.at = numbers[place++] ?? 0;
    }
  }

  private settle(): void {
    for (const count of this.counters) count();
  }
}
