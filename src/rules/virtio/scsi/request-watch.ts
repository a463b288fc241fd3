import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { Nanos } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Endian } from '../../../core/struct.ts';
import { Watch } from '../../../core/watch.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import type { RequestFault, RequestSizes, ScsiEvents, SeenRequest } from '../../../virtio/scsi/events.ts';
import { SCSI_QUEUE, virtio_scsi_resp_cmd } from '../../../virtio/scsi/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { isImplicit, type RequestKnows, SCSI_REQUESTS, taggingIn, tailOf } from './requests.ts';

const RESPONSE = virtio_scsi_resp_cmd.size;

/** Limits in the adapter's configuration, and its byte order. */
export interface ScsiLimits {
  readonly seg_max: number;
  readonly cmd_per_lun: number;
  readonly event_info_size: number;
  readonly endian: Endian;
}

/** How often moments came at which every rule was kept, and that are not reported to the rules yet. */
interface Uneventful {
  taken: number;
  implicit: number;
  framed: number;
  inPieces: number;
  withData: number;
  amongOthers: number;
}

/** Watches what a driver puts into the request queue. A request in which nothing can be wrong is only counted. */
export class RequestWatch implements RequestKnows, Partial<ScsiEvents> {
  readonly seg_max: number;
  readonly cmd_per_lun: number;
  readonly queueSize: number;
  /** ANY_LAYOUT, as such or by VERSION_1. */
  private anyLayout = false;
  request!: SeenRequest;
  fault: RequestFault | null = null;
  head!: Uint8Array;
  sizes!: RequestSizes;
  pieces = 0;
  outstanding: readonly SeenRequest[] = [];
  busySince: Mark = 0;
  private readonly facts: VirtioFacts;
  private readonly journal: Journal;
  private last: Nanos = 0;
  private readonly well: Uneventful = {
    taken: 0,
    implicit: 0,
    framed: 0,
    inPieces: 0,
    withData: 0,
    amongOthers: 0,
  };
  /** With fewer requests outstanding than this, no rule on their number can be broken. */
  private readonly most: number;
  private readonly on;

  constructor(facts: VirtioFacts, { seg_max, cmd_per_lun }: ScsiLimits, journal: Journal) {
    this.facts = facts;
    this.journal = journal;
    this.seg_max = seg_max;
    this.cmd_per_lun = cmd_per_lun;
    this.queueSize = facts.queueSizes[SCSI_QUEUE.request]!;
    this.most = Math.min(cmd_per_lun, this.queueSize);
    this.on = new Watch(journal, SCSI_REQUESTS).on;
    journal.beforeReading(() => this.settle());
  }

  get subject(): string {
    return this.facts.subject();
  }

  /** Null with several request queues: it is not known which it was. */
  get picture(): RingPicture | null {
    const { queueSizes, pictures } = this.facts;
    return queueSizes.length > SCSI_QUEUE.request + 1 ? null : (pictures?.of(SCSI_QUEUE.request) ?? null);
  }

  negotiated(accepted: BitSet): void {
    this.anyLayout = accepted.has(FEATURE.ANY_LAYOUT) || accepted.has(FEATURE.VERSION_1);
  }

  requested(
    request: SeenRequest,
    fault: RequestFault | null,
    head: Uint8Array,
    sizes: RequestSizes,
    outstanding: readonly SeenRequest[],
  ): void {
    const { dataIn, dataOut } = request.command;
    const pieces = Math.max(dataIn.count, dataOut.count);
    if (outstanding.length === 0) this.busySince = this.journal.mark;
    if (fault === null && this.isWell(request, head, sizes, pieces, outstanding.length)) {
      if (isImplicit(request)) this.well.implicit++;
      this.wellTaken(pieces, outstanding.length);
      return;
    }
    this.request = request;
    this.fault = fault;
    this.head = head;
    this.sizes = sizes;
    this.pieces = pieces;
    this.outstanding = outstanding;
    this.tell();
  }

  moveTaken(_target: number, _lun: number, _opcode: number, pieces: number, outstanding: number): void {
    if (outstanding === 0) this.busySince = this.journal.mark;
    this.wellTaken(pieces, outstanding);
  }

  private wellTaken(pieces: number, outstanding: number): void {
    const { well } = this;
    this.last = this.journal.now;
    well.taken++;
    if (!this.anyLayout) well.framed++;
    if (pieces > 0) well.withData++;
    if (pieces > 1) well.inPieces++;
    if (outstanding > 0) well.amongOthers++;
  }

  /** True only if every rule is certainly kept; else the rules are checked. */
  private isWell(
    { readable, writable }: SeenRequest,
    head: Uint8Array,
    sizes: RequestSizes,
    pieces: number,
    outstanding: number,
  ): boolean {
    if (taggingIn(head) !== 0 || pieces > this.seg_max || outstanding >= this.most || tailOf(head) !== 0)
      return false;
    if (this.anyLayout) return true;
    return (
      readable.length[0] === sizes.head_size + sizes.cdb_size &&
      writable.length[0] === RESPONSE + sizes.sense_size
    );
  }

  private tell(): void {
    const { fault, pieces } = this;
    this.on.taken.tell(this);
    if (fault === 'short') return;
    this.on.read.tell(this);
    if (isImplicit(this.request)) this.on.implicit.tell(this);
    if (!this.anyLayout) this.on.framed.tell(this);
    if (pieces > 1) this.on['in pieces'].tell(this);
    if (fault === 'lun') return;
    if (pieces > 0) this.on['with data'].tell(this);
    if (fault !== 'both ways' && this.outstanding.length > 0) this.on['among others'].tell(this);
  }

  private settle(): void {
    const { well } = this;
    this.on.taken.repeat(this, well.taken, this.last);
    this.on.read.repeat(this, well.taken, this.last);
    this.on.implicit.repeat(this, well.implicit, this.last);
    this.on.framed.repeat(this, well.framed, this.last);
    this.on['in pieces'].repeat(this, well.inPieces, this.last);
    this.on['with data'].repeat(this, well.withData, this.last);
    this.on['among others'].repeat(this, well.amongOthers, this.last);
    Object.assign(well, { taken: 0, implicit: 0, framed: 0, inPieces: 0, withData: 0, amongOthers: 0 });
  }
}
