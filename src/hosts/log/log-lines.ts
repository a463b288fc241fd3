import type { Machine } from '../../machine/machine.ts';
import type { ClauseId } from '../../rules/index.ts';

/** A line of a log that could not be used, and why. */
export interface DamagedLine {
  /** The first is 1. */
  readonly line: number;
  readonly why: string;
}

/** Characters of the longest line that is read: a record may hold all of a large buffer. */
export const LONGEST_LINE = 1 << 26;
/** The error of a longer line, which is read up to one character more. */
const TOO_LONG = `it has more than ${LONGEST_LINE} characters`;
/** Characters of the reason for a line that could not be used. */
const WHY = 200;
/** Damaged lines that are reported one by one; further ones are only counted. */
const TOLD = 16;

/** The lines of a log in their order, and their errors. */
export class LogLines {
  /** The line that was taken last. */
  number = 0;
  /** The first of those that are damaged. */
  readonly damaged: DamagedLine[] = [];
  damagedTotal = 0;
  /** Lines that do not belong to a log: output of a console. */
  foreign = 0;
  private readonly lines: Iterator<string>;

  constructor(lines: Iterable<string>) {
    this.lines = lines[Symbol.iterator]();
  }

  /** Null at the end. A line that is too long is skipped. */
  next(): string | null {
    for (;;) {
      const { value, done } = this.lines.next();
      if (done) return null;
      this.number++;
      if (value.length <= LONGEST_LINE) return value;
      this.damage(TOO_LONG);
    }
  }

  /** @param why a text, or what was thrown. */
  damage(why: unknown, line = this.number): void {
    this.damagedTotal++;
    const text = why instanceof Error ? why.message : String(why);
    if (this.damaged.length < TOLD) this.damaged.push({ line, why: text.slice(0, WHY) });
  }
}

/** The line of a log in which each clause was first broken. */
export type FindingLines = ReadonlyMap<ClauseId, number>;

/** @param line the line that is being replayed. */
export function findingLines(machine: Machine, line: () => number): FindingLines {
  const lines = new Map<ClauseId, number>();
  machine.events.on('finding', ({ clause }) => {
    if (!lines.has(clause)) lines.set(clause, line());
  });
  return lines;
}

/** Reported for a log whose machine never has a virtio function. */
export const NO_VIRTIO = 'There is no virtio device in the log: rules on those are not reached';
