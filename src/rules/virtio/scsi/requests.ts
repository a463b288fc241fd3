import type { Mark } from '../../../core/access.ts';
import { bytesText, hex } from '../../../core/bits.ts';
import type { Rules } from '../../../core/rule.ts';
import type { Knows } from '../../../core/watch.ts';
import { CDB } from '../../../scsi/cdb/registers.ts';
import type { Pieces, RequestFault, RequestSizes, SeenRequest } from '../../../virtio/scsi/events.ts';
import { virtio_scsi_req_cmd, virtio_scsi_resp_cmd, WELL_KNOWN } from '../../../virtio/scsi/registers.ts';

const RESPONSE = virtio_scsi_resp_cmd.size;
const { lun: LUN, task_attr, prio, crn } = virtio_scsi_req_cmd.offset;
const LUN_BYTES = 8;
const ORDERED = 1;
const INQUIRY = CDB.INQUIRY.usage[0];
const REPORT_LUNS = CDB.REPORT_LUNS.usage[0];
/** Pieces that a finding shows. */
const SHOWN = 8;

import { hasSwappedSize } from './lists.ts';

const CONFIG_LAYOUT = 'virtio 1.4, Device configuration layout';
const FRAMING = 'virtio 1.4, Legacy Interface: Framing Requirements';
const REQUEST_QUEUES = 'virtio 1.4, Device Operation: Request Queues';

/** What the rules know of a request. */
export interface RequestKnows extends Knows {
  readonly request: SeenRequest;
  readonly fault: RequestFault | null;
  /** Its bytes before the CDB. */
  readonly head: Uint8Array;
  readonly sizes: RequestSizes;
  /** Data segments, in the direction that has more. */
  readonly pieces: number;
  readonly outstanding: readonly SeenRequest[];
  /** The access since which there has always been one outstanding. */
  readonly busySince: Mark;
  readonly seg_max: number;
  readonly cmd_per_lun: number;
  /** Entries of the request queue. */
  readonly queueSize: number;
}

type RequestMoment =
  /** The device took a request … */
  | 'taken'
  /** … long enough to be read … */
  | 'read'
  /** … with a command that is always carried out first … */
  | 'implicit'
  /** … by a driver that has neither ANY_LAYOUT nor VERSION_1 … */
  | 'framed'
  /** … with data in more than one piece. */
  | 'in pieces'
  /** Its LUN field is valid, and it carries data. */
  | 'with data'
  /** It is for a unit, and others are outstanding. */
  | 'among others';

/** Rules of what a driver puts into the request queue. */
export const SCSI_REQUESTS = {
  'virtio/SCSI-CFG-D2': {
    where: CONFIG_LAYOUT,
    text: 'A driver MUST NOT have more than cmd_per_lun linked commands outstanding to one LUN.',
    advice: 'Keep at most cmd_per_lun requests in flight to one unit.',
    // With one request at a time the limit cannot be reached.
    on: 'among others',
    kept: (k) => k.outstanding.length < k.cmd_per_lun || !areToSameUnit(k, k.cmd_per_lun),
    said: (k) => `${addressText(k.request)} has more requests outstanding than cmd_per_lun, ${k.cmd_per_lun}`,
    since: (k) => k.busySince,
  },
  'virtio/SCSI-CFG-D3': {
    where: CONFIG_LAYOUT,
    text: 'A driver MUST NOT have more linked commands outstanding to one LUN than the request queue has entries.',
    advice: 'Keep at most as many requests in flight to one unit as the request queue has entries.',
    on: 'among others',
    // Otherwise cmd_per_lun is reached first.
    when: (k) => k.queueSize < k.cmd_per_lun,
    kept: (k) =>
      k.outstanding.length < k.queueSize || !areToSameUnit(k, k.queueSize) || areToSameUnit(k, k.cmd_per_lun),
    said: (k) =>
      `${addressText(k.request)} has more requests outstanding than the queue has entries, ${k.queueSize}`,
    since: (k) => k.busySince,
  },
  'virtio/SCSI-REQ-D1': {
    where: REQUEST_QUEUES,
    text: 'A driver SHOULD NOT give a command that is implicitly head-of-queue the attribute ORDERED.',
    advice: 'Send INQUIRY and REPORT LUNS with task_attr 0.',
    on: 'implicit',
    kept: (k) => !isOrderedAhead(k),
    said: (k) =>
      `${addressText(k.request)} was sent ${k.request.command.cdb[0] === INQUIRY ? 'INQUIRY' : 'REPORT LUNS'} with task_attr 1`,
  },
  'virtio/SCSI-REQ-D2': {
    where: REQUEST_QUEUES,
    // The standard says SHOULD, and leaves a driver that orders its commands by tags no other way: FreeBSD and illumos do.
    text: 'Set task_attr, prio and crn to 0.',
    advice: 'Write 0 to all three: simple queueing, no priority.',
    on: 'read',
    kept: (k) => taggingIn(k.head) === 0 || isOrderedAhead(k),
    said: (k) => `task_attr is ${k.head[task_attr]}, prio ${k.head[prio]}, crn ${k.head[crn]}`,
  },
  'virtio/SCSI-FRAME-LEG-D1': {
    where: FRAMING,
    text: 'A driver without ANY_LAYOUT MUST put lun to cdb of a request into one descriptor.',
    advice:
      'Put the request header, from lun to the end of the CDB, into one descriptor, and the data into others; or accept ANY_LAYOUT.',
    on: 'framed',
    kept: (k) => firstOf(k.request.readable) === k.sizes.head_size + k.sizes.cdb_size,
    said: (k) =>
      `the first descriptor that the device reads has ${bytesText(firstOf(k.request.readable))}, but a request header has ${k.sizes.head_size + k.sizes.cdb_size}`,
    facts: piecesOf,
  },
  'virtio/SCSI-FRAME-LEG-D2': {
    where: FRAMING,
    text: 'A driver without ANY_LAYOUT MUST put sense_len to sense of a response into one descriptor.',
    advice:
      'Put the response, from sense_len to the end of sense, into one descriptor, and the data into others; or accept ANY_LAYOUT.',
    on: 'framed',
    kept: (k) => firstOf(k.request.writable) === RESPONSE + k.sizes.sense_size,
    said: (k) =>
      `the first descriptor that the device writes has ${bytesText(firstOf(k.request.writable))}, but a response has ${RESPONSE + k.sizes.sense_size}`,
    follows: ['virtio/VQ-IMP-32'],
    facts: piecesOf,
  },
  'virtio/SCSI-IMP-1': {
    where: REQUEST_QUEUES,
    text: 'A driver MUST write 01, the target and a single-level LUN to the LUN field, or c1 01 and six zeros.',
    advice: 'Write 01, the target, 40h | the upper bits of the LUN, the lower bits, and four zeros.',
    on: 'read',
    kept: (k) => k.fault !== 'lun',
    said: (k) => `the LUN field is ${lunText(k.head)}`,
  },
  'scsi/LUN-TAIL': {
    where: `${REQUEST_QUEUES}; SAM-5, 4.7.4 Single level LUN structure`,
    text: 'A driver MUST end the LUN field with four zeros.',
    advice: 'Write zeros after the single-level LUN: virtio uses no further levels.',
    on: 'read',
    kept: (k) => k.fault === 'lun' || tailOf(k.head) === 0,
    said: (k) => `the LUN field is ${lunText(k.head)}`,
  },
  'virtio/SCSI-IMP-2': {
    where: REQUEST_QUEUES,
    text: 'A driver MUST give a request at least 19 + cdb_size readable bytes, 27 + cdb_size with T10_PI, and 12 + sense_size writable ones.',
    advice:
      'Send the whole header, 19 bytes plus cdb_size (27 with T10_PI), and leave room for the whole response, 12 bytes plus sense_size.',
    on: 'taken',
    // A size in the other byte order has a rule of its own.
    kept: (k) => k.fault !== 'short' || hasSwappedSize(k.sizes),
    said: ({ request: { readable, writable } }) =>
      `a request has ${readable.total} readable and ${writable.total} writable bytes`,
    follows: ['virtio/VQ-IMP-4', 'virtio/VQ-IMP-32', 'virtio/VQ-FRAME-D1', 'virtio/PACKED-SG-D3'],
    facts: ({ sizes }) => [`cdb_size ${sizes.cdb_size}, sense_size ${sizes.sense_size}`],
  },
  'virtio/SCSI-IMP-3': {
    where: REQUEST_QUEUES,
    text: 'A driver MUST NOT send a request with data in both directions without INOUT.',
    advice:
      'Send data in one direction per request, or accept INOUT (0) if it is offered. What lies behind 19 + cdb_size bytes is data.',
    on: 'with data',
    kept: (k) => k.fault !== 'both ways',
    said: ({ request: { command }, sizes }) =>
      `a request carries ${bytesText(command.dataOut.total)} behind its header of ${sizes.head_size + sizes.cdb_size}, and has room for ${bytesText(command.dataIn.total)}, but INOUT was not negotiated`,
    facts: piecesOf,
  },
  'virtio/SCSI-IMP-4': {
    where: CONFIG_LAYOUT,
    text: 'A driver MUST use at most seg_max data segments in each direction of a request.',
    advice: 'Split the transfer: seg_max is in the device configuration.',
    follows: ['virtio/PACKED-SG-D1', 'virtio/PACKED-IND-D3'],
    // One segment is never too many.
    on: 'in pieces',
    kept: (k) => k.pieces <= k.seg_max,
    said: (k) => `a request has ${k.pieces} data segments in one direction, but seg_max is ${k.seg_max}`,
    facts: piecesOf,
  },
  'virtio/SCSI-IMP-5': {
    where: REQUEST_QUEUES,
    text: 'A driver MUST give each request an id that is unique among those outstanding to one LUN.',
    advice:
      'Take the id from the descriptor index or a counter: Compute Engine aborts a second command with the id of one in flight.',
    on: 'among others',
    kept: (k) => k.fault !== 'overlapped',
    said: ({ request }) => `id ${idOf(request)} is in use by another request to ${addressText(request)}`,
    since: (k) => k.busySince,
    // One chain offered twice is one request sent twice.
    follows: ['virtio/VQ-IMP-4'],
  },
} as const satisfies Rules<RequestKnows, RequestMoment>;

/** task_attr, prio and crn together. */
export function taggingIn(head: Uint8Array): number {
  return head[task_attr]! | head[prio]! | head[crn]!;
}

/** ORDERED alone is set, for a command that is carried out first anyway. */
function isOrderedAhead({ head, request }: RequestKnows): boolean {
  return isImplicit(request) && head[task_attr] === ORDERED && head[prio] === 0 && head[crn] === 0;
}

/** A command that is carried out at the head of the queue, whatever its task_attr (SPC-4, SAM-5). */
export function isImplicit({ command: { cdb } }: SeenRequest): boolean {
  return cdb[0] === INQUIRY || cdb[0] === REPORT_LUNS;
}

/** The bytes behind a single-level LUN, ORed. */
export function tailOf(head: Uint8Array): number {
  return head[LUN + 4]! | head[LUN + 5]! | head[LUN + 6]! | head[LUN + 7]!;
}

function lunText(head: Uint8Array): string {
  return Buffer.from(head.subarray(LUN, LUN + LUN_BYTES)).toString('hex');
}

/** Bytes of the first piece. */
function firstOf({ count, length }: Pieces): number {
  return count === 0 ? 0 : length[0]!;
}

/** Whether at least `many` of those outstanding are to the same unit. */
function areToSameUnit({ request, outstanding }: RequestKnows, many: number): boolean {
  let left = many;
  for (const { target, lun } of outstanding)
    if (target === request.target && lun === request.lun && --left === 0) return true;
  return left <= 0;
}

function idOf({ tagHigh, tagLow }: SeenRequest): string {
  return hex(tagHigh, 8) + hex(tagLow, 8);
}

function piecesOf({ request: { readable, writable } }: RequestKnows): string[] {
  return [`bytes to read: ${lengthsOf(readable)}`, `bytes to write: ${lengthsOf(writable)}`];
}

function lengthsOf({ count, length }: Pieces): string {
  const shown = length.slice(0, Math.min(count, SHOWN)).join(' + ');
  return count > SHOWN ? `${shown} and ${count - SHOWN} more` : shown;
}

function addressText({ target, lun }: SeenRequest): string {
  return target === WELL_KNOWN ? 'the REPORT LUNS unit' : `target ${target} LUN ${lun}`;
}
