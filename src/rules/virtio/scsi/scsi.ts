import { bytesText, hex } from '../../../core/bits.ts';
import type { Journal } from '../../../core/journal.ts';
import type { RingPicture } from '../../../core/ring-picture.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import { SCSI_EVENTS, type ScsiEvents } from '../../../virtio/scsi/events.ts';
import {
  SCSI_CONTROL,
  SCSI_FEATURE,
  SCSI_QUEUE,
  SCSI_TMF,
  virtio_scsi_config,
  virtio_scsi_ctrl_an_req,
  virtio_scsi_ctrl_an_resp,
  virtio_scsi_ctrl_tmf_req,
  virtio_scsi_event,
} from '../../../virtio/scsi/registers.ts';
import { InitiatorWatch } from '../../scsi/initiator-watch.ts';
import type { SeenUnits } from '../../scsi/knows.ts';
import type { VirtioFacts } from '../facts.ts';
import type { InitWatch } from '../init/init-watch.ts';
import { StockWatch } from '../queue/stock.ts';
import { VirtioWatches } from '../watches.ts';
import { HotEventWatch } from './hot-events.ts';
import { isSwappedSize, ListWatch, swapped } from './lists.ts';
import { RequestWatch, type ScsiLimits } from './request-watch.ts';

const NO_QUEUE = -1;
const CONFIG = virtio_scsi_config.offset;
/** The fields of the configuration that drivers write, and the byte of them that most write last. */
const SIZES = ['sense_size', 'cdb_size'] as const;
const LAST = 3;

const { sense_size, cdb_size } = virtio_scsi_config.offset;
const { TMF, AN_SUBSCRIBE } = SCSI_CONTROL;
const EVENTQ = 'virtio 1.4, Device Operation: eventq';

/** Rules for a driver of a SCSI host adapter, except for its requests. */
export const SCSI = {
  'virtio/SCSI-CFG-D1': {
    where: 'virtio 1.4, Device configuration layout',
    text: 'A driver MUST NOT write a configuration field other than sense_size and cdb_size.',
    advice: 'Write only sense_size and cdb_size, if the defaults do not suit.',
    on: 'configured',
    kept: (k) => k.offset >= sense_size && k.offset < cdb_size + 4,
    said: (k) => `byte ${k.offset} of the configuration was written with ${hex(k.value, 2)}`,
    follows: ['pci/BAR-ALIGN', 'virtio/PCI-LEG-IMP-1'],
  },
  'virtio/SCSI-CFG-LEG-D1': {
    where: 'virtio 1.4, Legacy Interface: Device configuration layout',
    text: "A driver of the legacy interface MUST write configuration fields in the guest's byte order.",
    advice:
      'Write sense_size and cdb_size in the byte order of the CPU; only the modern interface is little-endian.',
    on: 'sized',
    when: (k) => k.legacy,
    kept: (k) => !isSwappedSize(k.size),
    said: (k) => `a size was written as ${k.size}, which is ${swapped(k.size)} in the other byte order`,
  },
  'virtio/SCSI-EVT-D2': {
    where: EVENTQ,
    text: 'A driver MUST make event buffers device-writable.',
    advice: 'Set WRITE in every descriptor of an event buffer: the device writes, the driver reads.',
    on: 'event buffer',
    kept: (k) => k.readable === 0,
    said: () => 'an event buffer has readable parts',
  },
  'virtio/SCSI-EVT-D3': {
    where: EVENTQ,
    text: 'A driver SHOULD give event buffers event_info_size bytes.',
    advice: 'Make event buffers as long as event_info_size in the configuration says.',
    on: 'event buffer',
    when: (k) => k.event_info_size > virtio_scsi_event.size,
    kept: (k) => k.writable >= k.event_info_size || k.writable < virtio_scsi_event.size,
    said: (k) =>
      `an event buffer holds ${bytesText(k.writable)}, but event_info_size is ${k.event_info_size}`,
  },
  'virtio/SCSI-EVT-D4': {
    where: EVENTQ,
    text: 'A driver MUST give event buffers room for the 16-byte event structure.',
    advice: 'Give each event a buffer of 16 bytes, or of event_info_size if that is more.',
    on: 'event buffer',
    kept: (k) => k.writable >= virtio_scsi_event.size,
    said: (k) => `an event buffer holds ${bytesText(k.writable)}, but an event has ${virtio_scsi_event.size}`,
  },
  'virtio/SCSI-CTRL-LEG-D1': {
    where: 'virtio 1.4, Legacy Interface: Device Operation: controlq',
    text: "A driver of the legacy interface MUST write the fields of control requests in the guest's byte order.",
    advice: 'Write type, subtype and event_requested in the byte order of the CPU.',
    on: 'controlled',
    when: (k) => k.legacy,
    kept: (k) => !isSwapped(k),
    said: (k) =>
      `a control request has type ${hex(k.type, 8)}, subtype ${hex(k.subtype, 8)}: it makes sense in the other byte order`,
  },
  'virtio/SCSI-IMP-6': {
    where: 'virtio 1.4, Device Operation: controlq',
    text: 'A driver MUST send control requests with a known type and subtype, the size of that type, and a LUN field as requests have it.',
    advice:
      'Send a task management request of 24 bytes with one byte to write, or an asynchronous notification request of 16 with 5.',
    on: 'controlled',
    kept: (k) =>
      (hasItsSize(k) && (k.type !== TMF || (k.isLun && k.subtype <= SCSI_TMF.QUERY_TASK_SET))) ||
      (k.legacy && isSwapped(k)),
    said: (k) => {
      if (hasItsSize(k) && k.type === TMF && !k.isLun) return `the LUN field of task management is ${k.lun}`;
      return hasItsSize(k)
        ? `task management function ${k.subtype} does not exist`
        : `a control request ${k.type < 0 ? 'too short for a type' : `of type ${k.type}`} has ${k.readable} readable and ${k.writable} writable bytes`;
    },
  },
} as const satisfies Rules<ScsiWatch>;

/** The type of the control request, or its function, is valid only with its bytes swapped. */
function isSwapped({ type, subtype }: ScsiWatch): boolean {
  if (type === TMF) return subtype > SCSI_TMF.QUERY_TASK_SET && swapped(subtype) <= SCSI_TMF.QUERY_TASK_SET;
  return type > AN_SUBSCRIBE && swapped(type) <= AN_SUBSCRIBE;
}

function hasItsSize({ type, readable, writable }: ScsiWatch): boolean {
  if (type === TMF) return readable >= virtio_scsi_ctrl_tmf_req.size && writable >= 1;
  if (type < TMF || type > AN_SUBSCRIBE) return false;
  return readable >= virtio_scsi_ctrl_an_req.size && writable >= virtio_scsi_ctrl_an_resp.size;
}

/** Watches what a driver of a SCSI host adapter puts into its configuration, its event queue and its control queue. */
class ScsiWatch implements Partial<ScsiEvents> {
  /** Bytes of a buffer, or of a control request. */
  readable = 0;
  writable = 0;
  /** Type and function of a control request; -1 where it is too short for them. */
  type = -1;
  subtype = -1;
  /** Its LUN field, in words, and whether it is valid. */
  lun = '';
  isLun = true;
  /** Offset and value of the byte written to the configuration. */
  offset = 0;
  value = 0;
  /** The field that it completes, in the guest's byte order. */
  size = 0;
  readonly event_info_size: number;
  private readonly config: typeof virtio_scsi_config;
  /** The configuration as the driver wrote it; other bytes are 0. */
  private readonly image = new Uint8Array(virtio_scsi_config.size);
  private queue = NO_QUEUE;
  private readonly facts: VirtioFacts;
  private readonly init: InitWatch;
  /** `sized`: sense_size or cdb_size was written whole. */
  private readonly on;

  constructor(facts: VirtioFacts, limits: ScsiLimits, journal: Journal, init: InitWatch) {
    this.facts = facts;
    this.init = init;
    this.event_info_size = limits.event_info_size;
    this.config = virtio_scsi_config.in(limits.endian);
    this.on = new Watch(journal, SCSI).on;
  }

  get legacy(): boolean {
    return this.init.legacy;
  }

  get subject(): string {
    return this.facts.subject();
  }

  get picture(): RingPicture | null {
    return this.facts.pictures?.of(this.queue) ?? null;
  }

  configWritten(offset: number, value: number): void {
    this.queue = NO_QUEUE;
    this.offset = offset;
    this.value = value;
    this.on.configured.tell(this);
    this.image[offset] = value;
    for (const field of SIZES) if (offset === CONFIG[field] + LAST) this.sized(field);
  }

  private sized(field: (typeof SIZES)[number]): void {
    this.size = this.config.decode(this.image)[field];
    this.on.sized.tell(this);
  }

  eventBuffer(readable: number, writable: number): void {
    this.queue = SCSI_QUEUE.event;
    this.readable = readable;
    this.writable = writable;
    this.on['event buffer'].tell(this);
  }

  controlled(
    type: number,
    subtype: number,
    readable: number,
    writable: number,
    lun: Uint8Array,
    isValid: boolean,
  ): void {
    this.isLun = isValid;
    this.lun = Buffer.from(lun).toString('hex');
    this.queue = SCSI_QUEUE.control;
    this.type = type;
    this.subtype = subtype;
    this.readable = readable;
    this.writable = writable;
    this.on.controlled.tell(this);
  }
}

/**
 * Judges a driver of a SCSI host adapter.
 *
 * @example
 * device.watchedBy(judgeScsi(facts, device.limits, units, journal));
 */
export function judgeScsi(
  facts: VirtioFacts,
  limits: ScsiLimits,
  units: SeenUnits,
  journal: Journal,
): ScsiEvents {
  const common = new VirtioWatches(facts, journal);
  const { init, queues } = common;
  const scsi = new ScsiWatch(facts, limits, journal, init);
  stockedWithEvents(common, scsi, journal);
  return common.events<ScsiEvents>(SCSI_EVENTS, [
    ...common.list,
    new ListWatch(facts, limits.seg_max, queues.lastTaken, journal),
    new RequestWatch(facts, limits, journal),
    new InitiatorWatch(facts.subject, units, journal),
    new HotEventWatch(facts.subject, journal),
    scsi,
  ]);
}

/** A driver that accepted neither HOTPLUG nor CHANGE gets no events, and needs no event buffers. */
function stockedWithEvents(
  { init: { accepted }, outcome, queues }: VirtioWatches,
  scsi: ScsiWatch,
  journal: Journal,
): void {
  const stock = new StockWatch('events', journal);
  journal.atEnd(() => {
    const queue = queues.list[SCSI_QUEUE.event];
    if (outcome.isLive && queue?.hints?.isReadable(queue.waiting) === true)
      scsi.eventBuffer(1, virtio_scsi_event.size);
    const listens = accepted.has(SCSI_FEATURE.HOTPLUG) || accepted.has(SCSI_FEATURE.CHANGE);
    if (outcome.isLive && listens && queue !== undefined && queue.place !== null)
      stock.ended(queue, queue.announce.isStocked, queue.usedUp);
  });
}
