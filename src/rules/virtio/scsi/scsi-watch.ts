import type { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import { Watch } from '../../../core/watch.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import type {
  AnsweredRequest,
  RequestFault,
  RequestSizes,
  ScsiEvents,
  SeenRequest,
} from '../../../virtio/scsi/events.ts';
import { SCSI_QUEUE, virtio_scsi_config } from '../../../virtio/scsi/registers.ts';
import { InitiatorWatch } from '../../scsi/initiator-watch.ts';
import type { SeenUnits } from '../../scsi/knows.ts';
import type { VirtioFacts } from '../facts.ts';
import { VirtioWatch } from '../virtio-watch.ts';
import { RequestWatch, type ScsiLimits } from './request-watch.ts';
import { SCSI, type ScsiKnows, type ScsiMoment } from './scsi.ts';

const NO_QUEUE = -1;
const CONFIG = virtio_scsi_config.offset;
/** What of the configuration is the driver's, and the byte of it that most write last. */
const SIZES = ['sense_size', 'cdb_size'] as const;
const LAST = 3;

/**
 * Watches a driver of a SCSI host adapter.
 *
 * @example
 * device.watchedBy(new ScsiWatch(facts, device.limits, units, journal));
 */
export class ScsiWatch extends VirtioWatch implements ScsiEvents, ScsiKnows {
  readable = 0;
  writable = 0;
  type = -1;
  subtype = -1;
  offset = 0;
  value = 0;
  size = 0;
  readonly event_info_size: number;
  private readonly config: typeof virtio_scsi_config;
  /** The configuration as it was written, and zeros. */
  private readonly image = new Uint8Array(virtio_scsi_config.size);
  private queue = NO_QUEUE;
  private readonly requests: RequestWatch;
  private readonly initiator: InitiatorWatch;
  private readonly onConfigured;
  private readonly onSized;
  private readonly onEventBuffer;
  private readonly onControlled;

  constructor(facts: VirtioFacts, limits: ScsiLimits, units: SeenUnits, journal: Journal) {
    super(facts, journal);
    this.requests = new RequestWatch(facts, limits, journal);
    this.initiator = new InitiatorWatch(facts.subject, units, journal);
    this.event_info_size = limits.event_info_size;
    this.config = virtio_scsi_config.in(limits.endian);
    const watch = new Watch<ScsiKnows, ScsiMoment>(journal, SCSI);
    this.onConfigured = watch.at('configured');
    this.onSized = watch.at('sized');
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
  }

  override power(): void {
    super.power();
    this.initiator.reset();
  }

  override reset(): void {
    super.reset();
    this.initiator.reset();
  }

  configWritten(offset: number, value: number): void {
    this.queue = NO_QUEUE;
    this.offset = offset;
    this.value = value;
    this.onConfigured.tell(this);
    this.image[offset] = value;
    for (const field of SIZES) if (offset === CONFIG[field] + LAST) this.sized(field);
  }

  private sized(field: (typeof SIZES)[number]): void {
    this.size = this.config.decode(this.image)[field];
    this.onSized.tell(this);
  }

  requested(
    request: SeenRequest,
    fault: RequestFault | null,
    head: Uint8Array,
    sizes: RequestSizes,
    outstanding: readonly SeenRequest[],
  ): void {
    this.requests.requested(request, fault, head, sizes, outstanding);
  }

  answered(request: AnsweredRequest, response: number): void {
    this.initiator.answered(request, response);
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
