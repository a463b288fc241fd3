import { MisuseError } from '../../src/index.ts';
import { Digest } from './digest.ts';
import { OP_NAMES, type Op, type OpCode } from './op.ts';
import { Recent } from './recent.ts';
import { Slowest } from './slowest.ts';

/** Ends the episode: thrown through everything in progress. */
export class EpisodeOver extends Error {
  override readonly name = 'EpisodeOver';
}

/** A failure, and its operation. */
export interface Failure {
  readonly what: string;
  readonly op: number;
}

/**
 * Shared with the supervising thread, in case an operation never ends: episode, operations, code, address, and whether
 * to end after this episode.
 */
export type Pulse = Int32Array;
export const PULSE_WORDS = 5;
export const PULSE_END = 4;

/** The operations of one episode so far, and their results. */
export class Run {
  ops = 0;
  /** Counts by code. */
  readonly counts = new Float64Array(OP_NAMES.length);
  readonly digest = new Digest();
  readonly recent = new Recent();
  readonly slowest = new Slowest();
  /** A record of all operations, if requested. */
  trace: Op[] | null = null;
  failure: Failure | null = null;
  /** Number of accesses in progress: more than one when a listener makes one. */
  depth = 0;
  private readonly limit: number;
  private readonly pulse: Pulse;

  constructor(limit: number, pulse: Pulse = new Int32Array(PULSE_WORDS)) {
    this.limit = limit;
    this.pulse = pulse;
  }

  /** Whether the episode is over: further operations only evaluate the final state. */
  get over(): boolean {
    return this.ops >= this.limit || this.failure !== null;
  }

  /** An operation begins. @throws EpisodeOver at the limit of operations. */
  begin(code: OpCode, address: number, value: number, width: number): void {
    if (this.over) throw new EpisodeOver();
    this.ops++;
    this.counts[code]!++;
    const { pulse } = this;
    pulse[1] = this.ops;
    // Describes the outer operation, not those of a listener inside it.
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

  /** The machine threw `error`. No action of a guest may cause that. */
  threw(error: unknown): never {
    if (!(error instanceof EpisodeOver)) this.fail(`threw ${textOf(error)}`);
    throw new EpisodeOver();
  }

  fail(what: string): void {
    this.failure ??= { what, op: this.ops };
  }
}

/** One line, with the place in our sources that threw it. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.match(/[^/\s(]*\/[^/\s(]+\.[jt]s:\d+/)?.[0] ?? '';
  const kind = error instanceof MisuseError ? 'MisuseError' : error.name;
  return `${kind}: ${error.message.split('\n')[0]} (${place})`;
}
