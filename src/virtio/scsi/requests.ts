import type { Nanos } from '../../core/bits.ts';
import type { Board } from '../../core/board.ts';
import { type Budget, BYTES_SHIFT, FULL } from '../../core/budget.ts';
import type { Timer } from '../../core/clock.ts';
import { Random } from '../../core/random.ts';
import type { Endian } from '../../core/struct.ts';
import type { Command } from '../../scsi/command.ts';
import type { LogicalUnit } from '../../scsi/logical-unit.ts';
import type { Target } from '../../scsi/target.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import type { AnsweredRequest, RequestSizes, ScsiEvents } from './events.ts';
import { PlainRequests } from './plain-requests.ts';
import { CDB_SIZE_DEFAULT, SENSE_SIZE_DEFAULT, virtio_scsi_req_cmd } from './registers.ts';
import { InFlight, Request } from './request.ts';
import { RequestReader } from './request-reader.ts';

const TASK_ATTR = virtio_scsi_req_cmd.offset.task_attr;
/** Limit of the total buffers of all requests in flight. */
const MOST_PIECES = 1 << 18;
/** Limit of the total buffers of requests that are kept for reuse. */
const MOST_SPARE = 1 << 18;
/** Budget for reading and answering a request; for moving a segment of data; for searching many in flight. */
const REQUEST = 64;
const PIECE = 50;
const SCAN_SHIFT = 2;

/** Virtual nanoseconds from kick to completion, or the least and the most; 0 completes within the kick. */
export type Latency = Nanos | readonly [least: Nanos, most: Nanos];

/** A command was answered that was taken at `since`. The request is reused afterwards. */
export type OnCommand = (request: AnsweredRequest, response: number, since: Nanos) => void;

/** The adapter that the requests belong to. */
export interface RequestHost extends RequestSizes {
  readonly name: string;
  readonly board: Board;
  readonly endian: Endian;
  readonly canReachMemory: boolean;
  readonly events: ScsiEvents | null;
  /** An observer of commands; null for none. */
  readonly onCommand: OnCommand | null;
  readonly limits: { readonly seg_max: number; readonly cmd_per_lun: number };
  readonly targets: ReadonlyMap<number, Target>;
  unitOf(target: number, lun: number): LogicalUnit | null;
  /** The queue that they come by. */
  readonly requestQueue: Virtqueue;
  /** Makes a unit execute the request. */
  execute(request: Request): void;
}

/**
 * Requests from taking to answering. Every request of a kick is taken before the first is executed, so that two with
 * one id overlap, as on hardware that works while the guest submits.
 */
export class Requests {
  private readonly host: RequestHost;
  private readonly least: Nanos;
  private readonly most: Nanos;
  /** Of its own, so that no other part's numbers differ with it. */
  private readonly random: Random;
  private readonly budget: Budget;
  private readonly reader: RequestReader;
  private readonly inFlight = new InFlight();
  /** Before the first kick there are none. */
  private plain: PlainRequests | null = null;
  private readonly spare: Request[] = [];
  private spareRoom = 0;
  /** The limit in flight is reached. */
  private full = false;
  /** The one that is being carried out. */
  private current: Request | null = null;
  private readonly timer: Timer;

  constructor(host: RequestHost, latency: Latency, budget: Budget) {
    this.host = host;
    [this.least, this.most] = typeof latency === 'number' ? [latency, latency] : latency;
    this.random = new Random(host.board.random.seed);
    this.budget = budget;
    this.reader = new RequestReader(this.inFlight, host.endian);
    this.timer = host.board.clock.timer(`${host.name} completion`, () => this.timeIsUp());
  }

  serve(queue: Virtqueue): void {
    this.take(queue);
    this.completeDue();
  }

  /** Whether some are taken, and not answered. */
  get areInFlight(): boolean {
    return this.inFlight.list.length > 0;
  }

  /** Executes what is due, and takes nothing. */
  finish(): void {
    this.completeDue();
  }

  count(which: (request: Request) => boolean): number {
    const { list } = this.inFlight;
    this.budget.spend(list.length >> SCAN_SHIFT);
    return list.filter(which).length;
  }

  /** Requests in flight end with `response` when they are due, and are not carried out. */
  cancel(which: (request: Request) => boolean, response: number): Request[] {
    const { list } = this.inFlight;
    this.budget.spend(list.length >> SCAN_SHIFT);
    const chosen = list.filter((one) => one !== this.current && which(one));
    for (const request of chosen) {
      request.response = response;
      request.ready = false;
    }
    return chosen;
  }

  /** The same, at once. Without bus mastering they end later. */
  abort(which: (request: Request) => boolean, response: number): void {
    const { inFlight, host } = this;
    const chosen = this.cancel(which, response);
    if (!host.canReachMemory) return;
    inFlight.drop(new Set(chosen));
    for (const request of chosen) {
      request.follow(host.board.memory);
      this.respond(request);
    }
    host.requestQueue.flush();
    this.goOnTaking();
  }

  /** Drops the requests in flight without an answer. */
  forget(): void {
    const { inFlight } = this;
    this.timer.disarm();
    this.full = false;
    for (const request of inFlight.list) this.keep(request);
    inFlight.dropOldest(inFlight.list.length);
  }

  /** Takes the timer off the clock. */
  close(): void {
    this.host.board.clock.remove(this.timer);
  }

  /** Uses at most half of the budget for taking, so that requests can also be executed. */
  private take(queue: Virtqueue): void {
    const { budget, inFlight } = this;
    let plain = this.beginPlain();
    while (budget.left > FULL / 2) {
      this.full = inFlight.pieces >= MOST_PIECES;
      if (this.full || !queue.pop()) return;
      budget.spendOn(queue.chain.count, 0);
      budget.spend(REQUEST + ((inFlight.list.length + (plain?.count ?? 0)) >> SCAN_SHIFT));
      if (plain?.take(queue.chain)) {
        if (this.host.events !== null) plain.tellTaken(this.host.events);
        continue;
      }
      if (plain !== null) this.handOver(plain, 0);
      plain = null;
      this.takeAny(queue);
    }
    budget.postpone(queue.index);
  }

  private takeAny(queue: Virtqueue): void {
    const { host, inFlight } = this;
    const { board } = host;
    const request = this.spareRequest();
    request.since = board.clock.now;
    request.taken(board.memory.ranges);
    const fault = this.reader.read(queue.chain, request, host);
    if (fault === 'overlapped') host.unitOf(request.target, request.lun)?.overlapped(request.command);
    this.schedule(request);
    host.events?.requested(request, fault, this.reader.head, host, inFlight.list);
    inFlight.add(request);
  }

  /** Decides when it is carried out, or that its unit has no place for it. */
  private schedule(request: Request): void {
    const { host, inFlight, random, least, most } = this;
    const now = request.since;
    request.due = now + least + (most > least ? random.below(most - least + 1) : 0);
    const unit = host.unitOf(request.target, request.lun);
    if (!request.ready || unit === null) return;
    if (unit.depth <= inFlight.list.length && unit.depth <= inFlight.countOf(request)) {
      request.ready = false;
      request.command.taskSetFull();
      request.due = now;
    } else request.due = unit.dueFor(request.command, this.reader.head[TASK_ATTR]!, now, request.due);
  }

  /** Where what comes may go a shorter way: it is carried out within the kick, and no user is told. */
  private beginPlain(): PlainRequests | null {
    const { host, inFlight, most } = this;
    const { memory } = host.board;
    if (most > 0 || inFlight.list.length > 0 || host.onCommand !== null) return null;
    if (memory.dirty !== null || memory.hasCpusBeside || memory.delay !== null || host.endian !== 'le')
      return null;
    if (host.cdb_size !== CDB_SIZE_DEFAULT || host.sense_size !== SENSE_SIZE_DEFAULT) return null;
    if (host.head_size !== virtio_scsi_req_cmd.size) return null;
    this.plain ??= new PlainRequests(memory, host.targets);
    this.plain.begin(host.events === null ? null : host.limits);
    return this.plain;
  }

  /** From the one at `from` on, they go the general way. */
  private handOver(plain: PlainRequests, from: number): void {
    for (let i = from; i < plain.count; i++) {
      const request = this.spareRequest();
      request.since = request.due = this.host.board.clock.now;
      plain.become(i, request);
      this.inFlight.add(request);
    }
    plain.clear();
  }

  private completePlain(plain: PlainRequests): void {
    const { budget, host } = this;
    const { requestQueue, canReachMemory } = host;
    for (let i = 0; i < plain.count; i++) {
      const written = canReachMemory && budget.left > 0 && plain.areInPlace ? plain.finish(i) : -1;
      if (written < 0) {
        this.handOver(plain, i);
        return;
      }
      budget.spend(plain.buffersOf(i) * PIECE + (plain.bytesOf(i) >>> BYTES_SHIFT));
      requestQueue.push(plain.chainOf(i), written);
      if (host.events !== null) plain.tellDone(host.events, i);
    }
    plain.clear();
  }

  private timeIsUp(): void {
    this.budget.begin();
    this.completeDue();
  }

  /** Without bus mastering no answer is possible: due requests wait for a kick. */
  private completeDue(): void {
    const { host, budget, plain } = this;
    if (plain !== null && plain.count > 0) this.completePlain(plain);
    if (!host.canReachMemory) return;
    const { list } = this.inFlight;
    const { now } = host.board.clock;
    let done = 0;
    while (done < list.length && list[done]!.due <= now && budget.left > 0) {
      const request = list[done]!;
      request.follow(host.board.memory);
      if (request.ready) this.execute(request);
      if (request.ready && request.command.isUnfinished) break;
      done++;
      this.respond(request);
    }
    this.inFlight.dropOldest(done);
    host.requestQueue.flush();
    this.goOnTaking();
    if (list.length === 0) return;
    if (list[0]!.due > now) this.timer.armAt(list[0]!.due);
    else budget.postpone(host.requestQueue.index);
  }

  /** There is room again for requests that could not be taken. */
  private goOnTaking(): void {
    if (this.full && this.inFlight.pieces < MOST_PIECES) this.budget.postpone(this.host.requestQueue.index);
  }

  private execute(request: Request): void {
    this.current = request;
    this.host.execute(request);
    this.current = null;
    this.budget.spend(effortOf(request.command));
  }

  private respond(request: Request): void {
    const { host } = this;
    const written = this.reader.respond(request, host.sense_size);
    host.requestQueue.push(request.chain, written);
    if (written > 0) host.events?.answered(request, request.response);
    host.onCommand?.(request, request.response, request.since);
    request.ready = false;
    this.keep(request);
  }

  /** Keeps it for reuse. Few large ones are kept: a guest rarely sends many. */
  private keep(request: Request): void {
    if (this.spareRoom + request.room > MOST_SPARE) return;
    this.spareRoom += request.room;
    this.spare.push(request);
  }

  private spareRequest(): Request {
    const request = this.spare.pop();
    if (request === undefined) return new Request();
    this.spareRoom -= request.room;
    return request;
  }
}

function effortOf({ dataIn, dataOut, transferred, extraCost }: Command): number {
  return (dataIn.count + dataOut.count) * PIECE + ((transferred + extraCost) >>> BYTES_SHIFT);
}
