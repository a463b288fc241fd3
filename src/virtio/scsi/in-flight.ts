import type { Request } from './request.ts';

const BUCKETS = 4096;

/** The requests taken and not yet answered, oldest first, with a fast lookup of ids. */
export class InFlight {
  readonly list: Request[] = [];
  /** Total buffers of all requests. */
  pieces = 0;
  /** The newest request of each bucket; each links to the one before it. */
  private readonly buckets: (Request | null)[] = new Array<Request | null>(BUCKETS).fill(null);

  add(request: Request): void {
    const bucket = bucketOf(request);
    request.beside = this.youngest(request);
    this.buckets[bucket] = request;
    this.list.push(request);
    this.pieces += request.pieces;
  }

  /** Forgets the oldest `count`. */
  dropOldest(count: number): void {
    const { list } = this;
    if (count === 0) return;
    for (let i = 0; i < count; i++) this.unlink(list[i]!);
    // Usually all of them, so that nothing need be moved.
    if (count < list.length) list.copyWithin(0, count);
    list.length -= count;
  }

  drop(requests: ReadonlySet<Request>): void {
    let kept = 0;
    for (const request of this.list)
      if (requests.has(request)) this.unlink(request);
      else this.list[kept++] = request;
    this.list.length = kept;
  }

  overlaps(request: Request): boolean {
    for (let other = this.youngest(request); other !== null; other = other.beside)
      if (other.sameTag(request)) return true;
    return false;
  }

  /** The requests in the bucket of `request`. */
  private youngest(request: Request): Request | null {
    return this.buckets[bucketOf(request)] ?? null;
  }

  private unlink(request: Request): void {
    const bucket = bucketOf(request);
    let other = this.youngest(request);
    if (other === request) this.buckets[bucket] = request.beside;
    else {
      while (other!.beside !== request) other = other!.beside;
      other!.beside = request.beside;
    }
    request.beside = null;
    this.pieces -= request.pieces;
  }
}

/** Ids are usually counters or addresses. */
function bucketOf({ tagLow, tagHigh, target, lun }: Request): number {
  const mixed = Math.imul(tagLow ^ Math.imul(tagHigh ^ (target << 16) ^ lun, 0x85eb_ca6b), 0x9e37_79b1);
  return mixed >>> 20;
}
