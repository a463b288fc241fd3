import type { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { Watch } from '../../../core/watch.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import type { RequestFault, RequestSizes, ScsiEvents, SeenRequest } from '../../../virtio/scsi/events.ts';
import { SCSI_QUEUE } from '../../../virtio/scsi/registers.ts';
import type { VirtioFacts } from '../facts.ts';
import { VirtioWatch } from '../virtio-watch.ts';
import { ListWatch } from './list-watch.ts';
import { RequestWatch, type ScsiLimits } from './request-watch.ts';
import { SCSI, type ScsiKnows, type ScsiMoment } from './scsi.ts';

const NO_QUEUE = -1;

/**
 * Watches a driver of a SCSI host adapter.
 *
 * @example
 * device.watchedBy(new ScsiWatch(facts, device.limits, journal));
 */
export class ScsiWatch extends VirtioWatch implements ScsiEvents, ScsiKnows {
  readable = 0;
  writable = 0;
  type = -1;
  subtype = -1;
  offset = 0;
  value = 0;
  private queue = NO_QUEUE;
  private readonly requests: RequestWatch;
  private readonly lists: ListWatch;
  private readonly onConfigured;
  private readonly onEventBuffer;
  private readonly onControlled;

  constructor(facts: VirtioFacts, limits: ScsiLimits, journal: Journal) {
    super(facts, journal);
    this.requests = new RequestWatch(facts, limits, journal);
    this.lists = new ListWatch(facts, limits.seg_max, this.lastTaken, journal);
    const watch = new Watch<ScsiKnows, ScsiMoment>(journal, SCSI);
    this.onConfigured = watch.at('configured');
    this.onEventBuffer = watch.at('event buffer');
    this.onControlled = watch.at('controlled');
  }

  get subject(): string {
    return this.facts.subject();
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue) ?? null;
  }

  override negotiated(accepted: BitSet, legacy: boolean): void {
    super.negotiated(accepted, legacy);
    this.requests.anyLayout = accepted.has(FEATURE.ANY_LAYOUT) || accepted.has(FEATURE.VERSION_1);
    this.lists.packed = accepted.has(FEATURE.RING_PACKED);
  }

  configWritten(offset: number, value: number): void {
    this.queue = NO_QUEUE;
    this.offset = offset;
    this.value = value;
    this.onConfigured.tell(this);
  }

  requested(
    request: SeenRequest,
    fault: RequestFault | null,
    head: Uint8Array,
    sizes: RequestSizes,
    outstanding: readonly SeenRequest[],
  ): void {
    this.lists.requested(request);
    this.requests.requested(request, fault, head, sizes, outstanding);
  }

  eventBuffer(readable: number, writable: number): void {
    this.queue = SCSI_QUEUE.event;
    this.readable = readable;
    this.writable = writable;
    this.onEventBuffer.tell(this);
  }

  controlled(type: number, subtype: number, readable: number, writable: number): void {
    this.queue = SCSI_QUEUE.control;
    this.type = type;
    this.subtype = subtype;
    this.readable = readable;
    this.writable = writable;
    this.onControlled.tell(this);
  }
}
