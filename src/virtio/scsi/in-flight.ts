import type { Request } from './request.ts';

const BUCKETS = 1024;

/** The requests taken and not yet answered, oldest first, with a quick answer to "is this id among them?". */
export class InFlight {
  readonly list: Request[] = [];
  private readonly counts = new Uint16Array(BUCKETS);

  add(request: Request): void {
    this.list.push(request);
    this.counts[request.tagLow & (BUCKETS - 1)]!++;
  }

  /** Forgets the oldest `count`. */
  dropOldest(count: number): void {
    for (let i = 0; i < count; i++) this.uncount(this.list[i]!);
    this.list.copyWithin(0, count);
    this.list.length -= count;
  }

  drop(request: Request): void {
    this.list.splice(this.list.indexOf(request), 1);
    this.uncount(request);
  }

  overlaps(request: Request): boolean {
    if (this.counts[request.tagLow & (BUCKETS - 1)] === 0) return false;
    return this.list.some((other) => other.sameTag(request));
  }

  private uncount(request: Request): void {
    this.counts[request.tagLow & (BUCKETS - 1)]!--;
  }
}
