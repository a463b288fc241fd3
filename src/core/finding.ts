import type { AccessRecord } from './access.ts';
import type { Nanos } from './bits.ts';
import type { RingPicture } from './ring-picture.ts';
import type { Severity } from './rule.ts';

/** The evidence of a finding. */
export interface Evidence {
  /**
   * The guest's accesses, oldest first: from the one that began the breach, where that is known, to the one that broke
   * the clause, which may still be under way.
   */
  readonly accesses: readonly AccessRecord[];
  /** How many are left out after the first of them. */
  readonly skipped: number;
  /** What was seen in memory: `desc[3].flags = 0005`. */
  readonly facts: readonly string[];
  /** The virtqueue that the finding is about, as it lay in RAM; absent if there is none. */
  readonly ring?: RingPicture;
}

/** The guest broke a clause: once, or several times with the same text, or one that differs in numbers alone. */
export interface Finding<Id extends string = string> {
  readonly clause: Id;
  readonly severity: Severity;
  /** When it was first broken. */
  readonly at: Nanos;
  /** How often so far, among the first 1000 breaches of the clause. */
  readonly count: number;
  /** The part of the machine that was addressed: `net0, transmit queue 1`. */
  readonly subject: string;
  /** What happened in this run, in one sentence with the driver's own numbers. */
  readonly said: string;
  readonly evidence: Evidence;
  /** It stays when the clauses that its clause may follow from are kept. */
  readonly apart?: true;
  /**
   * The callers that made the breaking access, without guestrig's own frames: the lines of an Error's stack. Empty with
   * `judge: { stack: false }`. Not enumerable: two runs of one seed are equal but for it.
   */
  readonly stack: string;
}

/** What distinguishes breaches of one clause. */
interface Breach {
  readonly subject: string;
  readonly said: string;
}

/** A number, in whatever base, a name that has one, or a character: `0x1f`, `bd`, `00:04.0`, `0x65 'e'`, `'e'`. */
const NUMBERS = /\b(?:[\w:.]*\d[\w:.]*|[a-f]{2,}\b)(?: '.')?|'.'/g;

/** The device of a subject: `net0` of `net0 (00:04.0), transmit queue 1`. */
export function deviceOf(subject: string): string {
  return /^[^,(]*/.exec(subject)![0].trim();
}

/** Breaches are of one kind if they are of one device and their texts differ in numbers alone. */
export function kindOf({ subject, said }: Breach): string {
  return `${deviceOf(subject)}\n${said.replace(NUMBERS, '#')}`;
}
