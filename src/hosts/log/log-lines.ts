/** A line of a log that could not be used, and why. */
export interface DamagedLine {
  /** The first is 1. */
  readonly line: number;
  readonly why: string;
}

/** Damaged lines that are told one by one; of more, how many. */
const TOLD = 16;

/** The lines of a log in their order, and what was wrong with them. */
export class LogLines {
  /** The line that was taken last. */
  number = 0;
  /** The first of those that are damaged. */
  readonly damaged: DamagedLine[] = [];
  damagedTotal = 0;
  /** Lines that are none of a log's: what a console printed. */
  foreign = 0;
  private readonly lines: Iterator<string>;

  constructor(lines: Iterable<string>) {
    this.lines = lines[Symbol.iterator]();
  }

  /** Null at the end. */
  next(): string | null {
    const { value, done } = this.lines.next();
    if (done) return null;
    this.number++;
    return value;
  }

  damage(why: string, line = this.number): void {
    this.damagedTotal++;
    if (this.damaged.length < TOLD) this.damaged.push({ line, why });
  }
}
