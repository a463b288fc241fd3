import type { AccessTrail, Mark } from './access.ts';
import type { Nanos, Time } from './bits.ts';
import { callers } from './callers.ts';
import { deviceOf, type Finding, kindOf } from './finding.ts';
import type { StoreSight } from './memory-tap.ts';
import type { RingPicture } from './ring-picture.ts';
import { type Strength, severityOf } from './rule.ts';

type Counted = Finding & { count: number };

/** What a watch reports when a rule is broken. */
interface Broken {
  readonly clause: string;
  readonly strength: Strength;
  readonly subject: string;
  readonly said: string;
  readonly facts: readonly string[];
  /** The access that began the breach, if known. */
  readonly since: Mark | null;
  /** It follows from no other breach. */
  readonly apart?: boolean;
  readonly alike?: boolean;
  /** Takes the picture of the ring that the finding is about. Called only for a finding that is kept. */
  readonly ring?: () => RingPicture | null;
  /** Left out, that of the access under way. */
  readonly stack?: string | undefined;
}

/** Which party acts from now on. */
interface Turn {
  /** It is one that is not judged. */
  readonly excused: boolean;
  /** Counts so far are dropped. */
  readonly anew: boolean;
}

/** Counts for a clause. */
export interface Tally {
  /** How often the guest reached a point where it could have broken the clause. */
  met: number;
  broken: number;
  /** Virtual time at which it was last met. */
  at: Nanos;
}

/** The tally of a clause that was never met. */
export const UNMET: Readonly<Tally> = { met: 0, broken: 0, at: 0 };
/** Findings kept per clause, each with another text. Further ones are counted only: a driver in a loop fills no memory. */
const KEPT_PER_CLAUSE = 16;
/** Devices known by clause. A log names as many as it likes; the words of the others are built each time. */
const DEVICES_MOST = 4096;
/** Beyond these the first of each kind is kept, up to this many: a loop on one device hides no other device. */
const KINDS_PER_CLAUSE = 64;
/** Breaches per clause whose text is built, plus the first of each device. More would take too much time. */
const WORDED_PER_CLAUSE = 1000;

/**
 * Which clauses a guest met, how often, and which it broke. Watches write it.
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
  /** Kinds kept, and devices seen: per clause and per judged or excused party. */
  private readonly kinds = new Set<string>();
  private readonly devices = new Set<string>();
  private readonly clock: Time;
  private readonly withStack: boolean;
  /** Called with each finding that is kept. */
  onFinding: ((finding: Finding) => void) | null = null;
  /** Called with what rules learn of accesses that no device saw; null for no listener. */
  onReport: ((told: object) => void) | null = null;
  /** What happens now is not done by the guest: nothing is recorded. */
  quiet = false;
  /**
   * Called with the subject when a rule is broken: was it broken by a party that is not judged, such as a firmware?
   * Called with null: does such a party act now? If this is null, everything is done by the guest.
   */
  excuses: ((subject: string | null) => boolean) | null = null;
  /** Called when the acting party changes, before the breach that shows the change; null for no listener. */
  onTurn: ((turn: Turn) => void) | null = null;
  /** Called when a guest that is not judged begins to act, and when it no longer does. */
  onUnjudged: ((begins: boolean) => void) | null = null;
  private excusing = false;
  /** Breaches by parties that are not judged, sixteen per clause at most; not counted. */
  readonly excused: Finding[] = [];
  /** Where accesses are kept. Other recorders add theirs. */
  readonly trail: AccessTrail;
  /** False if the guest is not watched: then the absence of findings proves nothing. */
  watched = true;
  /** The number of the interrupt handler that runs; 0 for none. */
  handler = 0;
  /** How drivers' stores to memory are known. */
  stores: StoreSight = 'none';
  private readonly tallies = new Map<string, Tally>();
  private counters: readonly (() => void)[] = [];
  private endings: readonly ((waiting: boolean) => void)[] = [];

  /** @param withStack whether findings keep the stack of the access. */
  constructor(clock: Time, trail: AccessTrail, withStack = false) {
    this.clock = clock;
    this.withStack = withStack;
    this.trail = trail;
  }

  /** The tally of `clause`: one object, shared by all its counters. */
  tally(clause: string): Tally {
    let tally = this.tallies.get(clause);
    if (tally === undefined) {
      tally = { met: 0, broken: 0, at: 0 };
      this.tallies.set(clause, tally);
    }
    return tally;
  }

  /** Calls `count` before a tally is read: for a watch with its own counter, where a call per chain costs too much. */
  beforeReading(count: () => void): void {
    this.counters = [...this.counters, count];
  }

  /**
   * `judge` is called when the run is over, for rules on what was never done. `waiting` is true if the guest would have
   * waited for ever, and was ended.
   */
  atEnd(judge: (waiting: boolean) => void): void {
    this.endings = [...this.endings, judge];
  }

  /** The run is over, however it ended: what the guest left undone is judged as it is now. */
  end(waiting = false): void {
    for (const judge of this.endings) judge(waiting);
    this.settle();
  }

  /** Runs `make`, which makes watches. @returns a function that has them count for the last time, and then drops them. */
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

  /** Whether the text of a breach is to be built, given its clause's tally; if not, the breach is counted here. */
  words(tally: Tally, clause: string, subject: string): boolean {
    if (tally.broken < WORDED_PER_CLAUSE || this.excuses !== null) return true;
    if (!this.devices.has(`${clause}\n${deviceOf(subject)}`)) return true;
    tally.broken++;
    return false;
  }

  /** Records that the guest broke a clause. */
  add(broken: Broken): void {
    if (this.quiet) return;
    const { clause, subject, said } = broken;
    const excused = this.isExcused(subject);
    if (!excused) this.tally(clause).broken++;
    if (!excused && this.devices.size < DEVICES_MOST) this.devices.add(`${clause}\n${deviceOf(subject)}`);
    const words = `${excused}\n${clause}\n${broken.alike === true ? kindOf(broken) : `${subject}\n${said}`}`;
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

  /** Whether a party that is not judged acts now, or broke the rule on this subject. */
  isExcused(subject: string | null = null): boolean {
    const excused = this.excuses?.(subject) === true;
    if (excused !== this.excusing) {
      this.excusing = excused;
      this.onTurn?.({ excused, anew: false });
    }
    return excused;
  }

  /** Everything met so far was met by a party that is not judged, and does not count. */
  startOver(): void {
    this.onTurn?.({ excused: this.excusing, anew: true });
    this.settle();
    for (const tally of this.tallies.values()) tally.met = tally.at = 0;
  }

  /** Runs what the guest did not do: nothing of it is counted, kept or reported. A recording omits the firmware's part. */
  quietly(run: () => void, by: 'firmware' | 'other' = 'other'): void {
    if (by === 'other') this.onUnjudged?.(true);
    this.settle();
    const before = this.numbers();
    this.quiet = true;
    try {
      run();
    } finally {
      this.settle();
      this.quiet = false;
      this.setTallies(before);
      if (by === 'other') this.onUnjudged?.(false);
    }
  }

  /** The findings so far, including those that watches report only on request. */
  readFindings(): readonly Finding[] {
    this.settle();
    return this.findings;
  }

  /** The tallies so far of all watched clauses. */
  readAll(): ReadonlyMap<string, Readonly<Tally>> {
    this.settle();
    return this.tallies;
  }

  /** The tally of `clause` so far. */
  read(clause: string): Readonly<Tally> {
    this.settle();
    return this.tally(clause);
  }

  reached(clause: string): boolean {
    return this.read(clause).met > 0;
  }

  /** How often it was broken, including breaches that were not kept. */
  count(clause: string): number {
    return this.tallies.get(clause)?.broken ?? 0;
  }

  of(clause: string): readonly Finding[] {
    return this.findings.filter((finding) => finding.clause === clause);
  }

  private findingOf(broken: Broken): Counted {
    const { clause, strength, subject, said, facts, since, ring, apart } = broken;
    const picture = ring?.() ?? null;
    const evidence = { ...this.trail.evidence(since), facts, ...(picture !== null && { ring: picture }) };
    const severity = severityOf(strength);
    const own = apart === true ? { apart } : {};
    const finding = { clause, severity, at: this.now, count: 1, subject, said, evidence, ...own, stack: '' };
    const stack = this.withStack ? (broken.stack ?? callers()) : '';
    return Object.defineProperty(finding, 'stack', { value: stack, enumerable: false });
  }

  /** The numbers of all tallies, in order of creation. */
  private numbers(): Float64Array {
    const numbers = new Float64Array(this.tallies.size * 3);
    let place = 0;
    for (const { met, broken, at } of this.tallies.values()) {
      numbers[place++] = met;
      numbers[place++] = broken;
      numbers[place++] = at;
    }
    return numbers;
  }

  /** In order of creation, which does not change; tallies made later were not met before. */
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
