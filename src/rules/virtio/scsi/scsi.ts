import { bytesText, hex } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import {
  SCSI_CONTROL,
  SCSI_TMF,
  virtio_scsi_config,
  virtio_scsi_ctrl_an_req,
  virtio_scsi_ctrl_an_resp,
  virtio_scsi_ctrl_tmf_req,
  virtio_scsi_event,
} from '../../../virtio/scsi/registers.ts';
import { isSwappedSize, swapped } from './sizes.ts';

const { sense_size, cdb_size } = virtio_scsi_config.offset;
const { TMF, AN_SUBSCRIBE } = SCSI_CONTROL;
const EVENTQ = 'virtio 1.4, Device Operation: eventq';

/** What the rules know of the configuration, the control queue and the event queue. */
export interface ScsiKnows extends Knows {
  /** Of a buffer. */
  readonly readable: number;
  readonly writable: number;
  /** Of a control request; -1 where it is too short for them. */
  readonly type: number;
  readonly subtype: number;
  /** Of the byte written to the configuration. */
  readonly offset: number;
  readonly value: number;
  /** Of the field that is complete by it, as the guest's byte order has it. */
  readonly size: number;
  readonly event_info_size: number;
  /** The legacy interface is in use: the guest has a byte order of its own. */
  readonly legacy: boolean;
}

/** `sized`: sense_size or cdb_size was written whole. */
export type ScsiMoment = 'configured' | 'sized' | 'event buffer' | 'controlled';

/** Rules for a driver of a SCSI host adapter, but for its requests. */
export const SCSI = {
  'virtio/SCSI-CFG-D1': {
    strength: 'MUST NOT',
    where: 'virtio 1.4, Device configuration layout',
    text: 'Write no config field but sense_size and cdb_size',
    advice: 'Write sense_size and cdb_size, if the defaults do not do, and nothing else.',
    on: 'configured',
    kept: (k) => k.offset >= sense_size && k.offset < cdb_size + 4,
    said: (k) => `byte ${k.offset} of the configuration was written with ${hex(k.value, 2)}`,
  },
  'virtio/SCSI-CFG-LEG-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interface: Device configuration layout',
    text: 'Config fields are guest-endian under legacy',
    advice:
      'Write sense_size and cdb_size in the byte order of the CPU; only the modern interface is little-endian.',
    on: 'sized',
    when: (k) => k.legacy,
    kept: (k) => !isSwappedSize(k.size),
    said: (k) => `a size was written as ${k.size}, which is ${swapped(k.size)} in the other byte order`,
  },
  'virtio/SCSI-EVT-D2': {
    strength: 'MUST',
    where: EVENTQ,
    text: 'Event buffers are device-writable',
    advice: 'Set WRITE in every descriptor of an event buffer: the device tells, the driver reads.',
    on: 'event buffer',
    kept: (k) => k.readable === 0,
    said: () => 'an event buffer has readable parts',
  },
  'virtio/SCSI-EVT-D3': {
    strength: 'SHOULD',
    where: EVENTQ,
    text: 'Event buffers hold event_info_size bytes',
    advice: 'Make event buffers as long as event_info_size of the configuration says.',
    on: 'event buffer',
    when: (k) => k.event_info_size > virtio_scsi_event.size,
    kept: (k) => k.writable >= k.event_info_size || k.writable < virtio_scsi_event.size,
    said: (k) =>
      `an event buffer holds ${bytesText(k.writable)}, and event_info_size is ${k.event_info_size}`,
  },
  'virtio/SCSI-EVT-D4': {
    strength: 'MUST',
    where: EVENTQ,
    text: 'Event buffers hold the 16-byte event structure',
    advice: 'Give each event a buffer of 16 bytes, or of event_info_size if that is more.',
    on: 'event buffer',
    kept: (k) => k.writable >= virtio_scsi_event.size,
    said: (k) => `an event buffer holds ${bytesText(k.writable)}, and an event has ${virtio_scsi_event.size}`,
  },
  'virtio/SCSI-CTRL-LEG-D1': {
    strength: 'MUST',
    where: 'virtio 1.4, Legacy Interface: Device Operation: controlq',
    text: 'Control request fields are guest-endian under legacy',
    advice: 'Write type, subtype and event_requested in the byte order of the CPU.',
    on: 'controlled',
    when: (k) => k.legacy,
    kept: (k) => !isSwapped(k),
    said: (k) =>
      `a control request has type ${hex(k.type, 8)}, subtype ${hex(k.subtype, 8)}: it makes sense in the other byte order`,
  },
  'virtio/SCSI-IMP-6': {
    strength: 'MUST',
    where: 'virtio 1.4, Device Operation: controlq',
    text: 'A control request has a known type and subtype and the size that goes with it',
    advice:
      'Send a task management request of 24 bytes with one byte to write, or an asynchronous notification request of 16 with 5.',
    on: 'controlled',
    kept: (k) =>
      (hasItsSize(k) && (k.type !== TMF || k.subtype <= SCSI_TMF.QUERY_TASK_SET)) ||
      (k.legacy && isSwapped(k)),
    said: (k) =>
      hasItsSize(k)
        ? `task management function ${k.subtype} does not exist`
        : `a control request ${k.type < 0 ? 'too short for a type' : `of type ${k.type}`} has ${k.readable} readable and ${k.writable} writable bytes`,
  },
} as const satisfies Rules<ScsiKnows, ScsiMoment>;

/** Its type, or the function that it asks for, is one only if its bytes are swapped. */
function isSwapped({ type, subtype }: ScsiKnows): boolean {
  if (type === TMF) return subtype > SCSI_TMF.QUERY_TASK_SET && swapped(subtype) <= SCSI_TMF.QUERY_TASK_SET;
  return type > AN_SUBSCRIBE && swapped(type) <= AN_SUBSCRIBE;
}

function hasItsSize({ type, readable, writable }: ScsiKnows): boolean {
  if (type === TMF) return readable >= virtio_scsi_ctrl_tmf_req.size && writable >= 1;
  if (type < TMF || type > AN_SUBSCRIBE) return false;
  return readable >= virtio_scsi_ctrl_an_req.size && writable >= virtio_scsi_ctrl_an_resp.size;
}
