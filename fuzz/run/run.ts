import { MisuseError } from '../../src/index.ts';
import { Digest } from './digest.ts';
import { OP_NAMES, type Op, type OpCode } from './op.ts';
import { Recent } from './recent.ts';
import { Slowest } from './slowest.ts';

/** The episode is at its end: thrown through whatever is under way. */
export class EpisodeOver extends Error {
  override readonly name = 'EpisodeOver';
}

/** What went wrong, and with which operation. */
export interface Failure {
  readonly what: string;
  readonly op: number;
}

/**
 * Shared with who watches from outside, in case an operation never ends: episode, operations, code, address, and whether
 * to end after this episode.
 */
export type Pulse = Int32Array;
export const PULSE_WORDS = 5;
export const PULSE_END = 4;

/** The operations of one episode so far, and what came of them. */
export class Run {
  ops = 0;
  /** By code. */
  readonly counts = new Float64Array(OP_NAMES.length);
  readonly digest = new Digest();
  readonly recent = new Recent();
  readonly slowest = new Slowest();
  /** Everything that was done, if somebody wants to know. */
  trace: Op[] | null = null;
  failure: Failure | null = null;
  /** How many accesses are under way: more than one when who listens makes one. */
  depth = 0;
  private readonly limit: number;
  private readonly pulse: Pulse;

  constructor(limit: number, pulse: Pulse = new Int32Array(PULSE_WORDS)) {
    this.limit = limit;
    this.pulse = pulse;
  }

  /** Whether the episode is at its end: what comes now only looks at what is left. */
  get over(): boolean {
    return this.ops >= this.limit || this.failure !== null;
  }

  /** An operation begins. @throws EpisodeOver when there were enough of them. */
  begin(code: OpCode, address: number, value: number, width: number): void {
    if (this.over) throw new EpisodeOver();
    this.ops++;
    this.counts[code]!++;
    const { pulse } = this;
    pulse[1] = this.ops;
    // Of what is under way, not of what a listener does within it.
    if (this.depth === 0) {
      pulse[2] = code;
      pulse[3] = address;
    }
    this.recent.add(code, address, value, width);
    this.depth++;
  }

  end(): void {
    this.depth--;
  }

  write(op: Op): void {
    if (this.depth === 0) this.trace?.push(op);
  }

  /** The machine threw `error`. Nothing that a guest does may come to that. */
  threw(error: unknown): never {
    if (!(error instanceof EpisodeOver)) this.fail(`threw ${textOf(error)}`);
    throw new EpisodeOver();
  }

  fail(what: string): void {
    this.failure ??= { what, op: this.ops };
  }
}

/** In one line, with the place in our sources where it came from. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.match(/[^/\s(]*\/[^/\s(]+\.[jt]s:\d+/)?.[0] ?? '';
  const kind = error instanceof MisuseError ? 'MisuseError' : error.name;
  return `${kind}: ${error.message.split('\n')[0]} (${place})`;
}
