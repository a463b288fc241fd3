/** Limit of noted ranges: beyond it data is at worst retransmitted once more. */
const MOST = 256;

/** Bytes after the first unacknowledged one that the peer reported as received (RFC 2018, RFC 6675). */
export class Scoreboard {
  /** In order, no two adjacent. */
  private ranges: { from: number; to: number }[] = [];

  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  add(from: number, to: number): void {
    const apart = this.ranges.filter((range) => range.to < from || range.from > to);
    const joined = this.ranges.filter((range) => range.to >= from && range.from <= to);
    if (joined.length === 0 && apart.length === MOST) return;
    const whole = {
      from: Math.min(from, ...joined.map((r) => r.from)),
      to: Math.max(to, ...joined.map((r) => r.to)),
    };
    this.ranges = [...apart, whole].sort((a, b) => a.from - b.from);
  }

  /** All before `una` is acknowledged. */
  release(una: number): void {
    this.ranges = this.ranges.filter(({ to }) => to > una);
    const [first] = this.ranges;
    if (first !== undefined && first.from < una) first.from = una;
  }

  clear(): void {
    this.ranges = [];
  }

  /** Bytes in this range that the peer did not report. */
  missing(from: number, to: number): number {
    let count = Math.max(0, to - from);
    for (const range of this.ranges)
      count -= Math.max(0, Math.min(range.to, to) - Math.max(range.from, from));
    return Math.max(0, count);
  }

  /** Missing data before this point is lost: more than `bytes` after it were received. */
  lostBefore(bytes: number): number {
    let count = 0;
    for (let i = this.ranges.length - 1; i >= 0; i--) {
      const { from, to } = this.ranges[i]!;
      count += to - from;
      if (count > bytes) return from;
    }
    return 0;
  }

  /** RFC 6675, SetPipe: bytes sent and missing, but not lost, or retransmitted, up to `mended`. */
  underWay(una: number, next: number, mended: number, bytes: number): number {
    const lost = Math.max(una, this.lostBefore(bytes));
    return this.missing(lost, next) + this.missing(una, Math.min(mended, lost));
  }

  /** The first missing byte from `at` on. */
  skip(at: number): number {
    const range = this.ranges.find(({ from, to }) => from <= at && at < to);
    return range === undefined ? at : range.to;
  }

  /** The end of the gap at `at`; Infinity after all that was received. */
  gapEnd(at: number): number {
    return this.ranges.find(({ from }) => from > at)?.from ?? Number.POSITIVE_INFINITY;
  }
}
