import type { GuestMemory, RamRange } from '../../core/memory.ts';
import { Segments } from '../../core/segments.ts';
import { Command } from '../../scsi/command.ts';
import { SCSI_RESPONSE } from './registers.ts';

const BUCKETS = 4096;

/** The requests taken and not yet answered, by when they are due, with a fast lookup of ids. */
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
    this.place(request);
    this.pieces += request.pieces;
  }

  /** Among those that are due: one of a slow disk may be due after one that comes behind it. */
  private place(request: Request): void {
    const { list } = this;
    let at = list.length;
    while (at > 0 && list[at - 1]!.due > request.due) at--;
    if (at === list.length) list.push(request);
    else list.splice(at, 0, request);
  }

  /** How many are the unit's that `request` is for, and wait to be carried out. */
  countOf({ target, lun }: Request): number {
    let count = 0;
    for (const one of this.list) if (one.ready && one.target === target && one.lun === lun) count++;
    return count;
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

/** A request in flight: allocated once, reused. */
export class Request {
  /** The id of its chain, and the number of its buffers. */
  chain = 0;
  pieces = 0;
  /** Buffers that its lists have room for: at least what drivers usually send. */
  room = 64;
  target = 0;
  lun = 0;
  /** The driver's 64-bit id, in two halves. */
  tagLow = 0;
  tagHigh = 0;
  /** Another request in flight in the same bucket. */
  beside: Request | null = null;
  /** To be executed; false once `response` and the command's status are decided. */
  ready = false;
  response: number = SCSI_RESPONSE.OK;
  /** Virtual time at which it was taken, and at which it completes. */
  since = 0;
  due = 0;
  /** Bytes of protection information that come before data-in. */
  protection = 0;
  readonly command = new Command();
  readonly readable = new Segments();
  readonly writable = new Segments();

  /** The RAM when the chain was taken. */
  private ranges: readonly RamRange[] = [];

  constructor() {
    // Data go into the command's own list, and the response into this one.
    this.writable.isData = false;
  }

  /** It comes by chain `id`, of so many buffers. */
  begin(id: number, pieces: number): void {
    this.chain = id;
    this.pieces = pieces;
    this.protection = 0;
    if (pieces > this.room) this.room = pieces;
    this.target = -1;
    this.response = SCSI_RESPONSE.OK;
    this.command.begin();
    this.command.failedAt = -1;
    this.command.dataOut.clear();
    this.command.dataIn.clear();
  }

  /** @param ranges RAM as it lies. */
  taken(ranges: readonly RamRange[]): void {
    this.ranges = ranges;
  }

  /**
   * The host's memory may have moved to another buffer since: finds the same addresses in it. If one is no longer RAM,
   * the request has no room for an answer.
   */
  follow(memory: GuestMemory): void {
    const { ranges, command, readable, writable } = this;
    if (ranges === memory.ranges) return;
    this.ranges = memory.ranges;
    const all = [readable, writable, command.dataIn, command.dataOut];
    if (all.map((list) => moved(list, ranges, memory)).every(Boolean)) return;
    this.ready = false;
    writable.clear();
  }

  sameTag(other: Request): boolean {
    return (
      this.tagLow === other.tagLow &&
      this.tagHigh === other.tagHigh &&
      this.target === other.target &&
      this.lun === other.lun
    );
  }
}

function moved(list: Segments, from: readonly RamRange[], memory: GuestMemory): boolean {
  for (let i = 0; i < list.count; i++) {
    const { base } = from.find(({ bytes }) => bytes === list.bytes[i])!;
    const range = memory.find(base + list.offset[i]!, list.length[i]!);
    if (range === null) return false;
    list.offset[i]! += base - range.base;
    list.bytes[i] = range.bytes;
  }
  return true;
}
