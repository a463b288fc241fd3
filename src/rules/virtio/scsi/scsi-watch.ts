import type { Mark } from '../../../core/access.ts';
import type { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import { Watch } from '../../../core/watch.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import type { RequestFault, RequestSizes, ScsiEvents, SeenRequest } from '../../../virtio/scsi/events.ts';
import { type VirtioFacts, VirtioWatch } from '../virtio-watch.ts';
import { type RequestKnows, type RequestMoment, SCSI_REQUESTS } from './requests.ts';
import { SCSI, type ScsiKnows, type ScsiMoment } from './scsi.ts';

/** What the configuration of the adapter tells drivers to keep to. */
export interface ScsiLimits {
  readonly seg_max: number;
  readonly cmd_per_lun: number;
}

/**
 * Watches a driver of a SCSI host adapter.
 *
 * @example
 * device.watchedBy(new ScsiWatch(facts, device.limits, journal));
 */
export class ScsiWatch extends VirtioWatch implements ScsiEvents, ScsiKnows, RequestKnows {
  readonly seg_max: number;
  readonly cmd_per_lun: number;
  anyLayout = false;
  readable = 0;
  writable = 0;
  type = -1;
  subtype = -1;
  offset = 0;
  value = 0;
  request!: SeenRequest;
  fault: RequestFault | null = null;
  head!: Uint8Array;
  sizes!: RequestSizes;
  outstanding: readonly SeenRequest[] = [];
  busySince: Mark = 0;
  private readonly journal: Journal;
  private readonly onConfigured;
  private readonly onEventBuffer;
  private readonly onControlled;
  private readonly onRequested;

  constructor(facts: VirtioFacts, { seg_max, cmd_per_lun }: ScsiLimits, journal: Journal) {
    super(facts, journal);
    this.journal = journal;
    this.seg_max = seg_max;
    this.cmd_per_lun = cmd_per_lun;
    const watch = new Watch<ScsiKnows, ScsiMoment>(journal, SCSI);
    this.onConfigured = watch.at('configured');
    this.onEventBuffer = watch.at('event buffer');
    this.onControlled = watch.at('controlled');
    this.onRequested = new Watch<RequestKnows, RequestMoment>(journal, SCSI_REQUESTS).at('requested');
  }

  get subject(): string {
    return this.facts.subject();
  }

  override negotiated(accepted: BitSet, legacy: boolean): void {
    super.negotiated(accepted, legacy);
    this.anyLayout = accepted.has(FEATURE.ANY_LAYOUT) || accepted.has(FEATURE.VERSION_1);
  }

  configWritten(offset: number, value: number): void {
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
    if (outstanding.length === 0) this.busySince = this.journal.mark;
    this.request = request;
    this.fault = fault;
    this.head = head;
    this.sizes = sizes;
    this.outstanding = outstanding;
    this.onRequested.tell(this);
  }

  eventBuffer(readable: number, writable: number): void {
    this.readable = readable;
    this.writable = writable;
    this.onEventBuffer.tell(this);
  }

  controlled(type: number, subtype: number, readable: number, writable: number): void {
    this.type = type;
    this.subtype = subtype;
    this.readable = readable;
    this.writable = writable;
    this.onControlled.tell(this);
  }
}
