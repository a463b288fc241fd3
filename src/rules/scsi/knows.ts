import { hex } from '../../core/bits.ts';
import type { Knows } from '../../core/watch.ts';
import type { Cdb } from '../../scsi/cdb/registers.ts';
import {
  DESCRIPTOR_SENSE,
  FIELD_POINTER,
  FIXED_SENSE,
  KEY_SPECIFIC_SENSE,
  SENSE_RESPONSE,
} from '../../scsi/registers.ts';
import type { AnsweredRequest } from '../../virtio/scsi/events.ts';
import { WELL_KNOWN } from '../../virtio/scsi/registers.ts';

const { CODE } = SENSE_RESPONSE.mask;
const { SKSV, CD } = FIELD_POINTER.mask;
const { key_specific: KEY_SPECIFIC } = KEY_SPECIFIC_SENSE.offset;
/** From this response code on, sense data are in descriptor format. */
const DESCRIBED = 0x72;
export const CHECK_CONDITION = 0x02;
/** Additional sense codes of what a unit refuses (SPC-4, 4.5.6). */
export const ASC = {
  LIST_LENGTH: 0x1a,
  OUT_OF_RANGE: 0x21,
  INVALID_IN_CDB: 0x24,
  INVALID_IN_LIST: 0x26,
} as const;

/** Limits that units report, most of them in VPD B0. */
interface UnitLimits {
  readonly transfer: number;
  readonly unmapBlocks: number;
  readonly unmapDescriptors: number;
  /** Logical blocks in a physical one, by READ CAPACITY(16). */
  readonly physical: number;
}

/** The logical units that an initiator can reach. */
export interface SeenUnits {
  readonly limits: UnitLimits;
  /** Logical blocks of a disk; -1 where there is none. */
  blocksOf(target: number, lun: number): number;
  /** DPOFUA of the mode parameter header. */
  takesFua(target: number, lun: number): boolean;
}

/** What the rules know of a command that was answered. */
export interface InitiatorKnows extends Knows {
  readonly request: AnsweredRequest;
  /** The host adapter's response. */
  readonly response: number;
  readonly cdb: Cdb;
  /** It is READ or WRITE; then these are its blocks. */
  readonly isTransfer: boolean;
  readonly lba: number;
  readonly blocks: number;
  readonly limits: UnitLimits;
  /** Blocks that its unit has, and had when its initiator asked last; 0 if it never did. */
  readonly capacity: number;
  readonly capacityTold: number;
  /** Its unit takes DPO and FUA. */
  readonly takesFua: boolean;
  /** READ CAPACITY(16) was asked after READ CAPACITY(10) said that there are more than it can report. */
  readonly asked16: boolean;
  /** Times in a row that its unit was busy before this, and for how many virtual nanoseconds. */
  readonly timesBusy: number;
  readonly busyFor: number;
  /** The read or write that a unit attention came for, and that was not sent again; null if it was. */
  readonly unheeded: string | null;
  /** Its target was sent REPORT LUNS. */
  readonly listed: boolean;
  /** A target other than the first was addressed. */
  readonly wentOn: boolean;
  /** The highest LUN of target 0 that was addressed, while nothing is there. */
  readonly highestAtZero: number;
  /** Every unit that was addressed is that of LUN 40h, as the bytes of LUN 0 have it the other way round. */
  readonly isTurned: boolean;
  /** READ or WRITE of a unit of which an earlier answer said that it is not there. */
  readonly wasTold: boolean;
  /** The key that it registered with the unit: 0 for none, null if that is not known. */
  readonly ownKey: bigint | null;
}

export type InitiatorMoment =
  /** A command that is in the standards was answered by a unit … */
  | 'command'
  /** … which moves data … */
  | 'data'
  /** … or which moves none … */
  | 'no data'
  /** … which it asked for, or sent … */
  | 'room'
  /** … which names blocks of a disk … */
  | 'blocks'
  /** … READ or WRITE … */
  | 'transfer'
  /** … of more than one block … */
  | 'several blocks'
  /** … of a disk of which READ CAPACITY(10) had said that it is too large … */
  | 'large'
  /** … of a disk that was busy at the command before … */
  | 'again'
  /** … the one for which a unit attention had come; or the run is over, and that was not sent again. */
  | 'attention'
  /** … the first of a unit other than LUN 0. */
  | 'further unit'
  | 'UNMAP'
  | 'INQUIRY'
  | 'REPORT LUNS'
  /** A command sends data, and is neither WRITE nor UNMAP … */
  | 'sends'
  /** … which are a list, as those of MODE SELECT or PERSISTENT RESERVE OUT … */
  | 'list'
  /** … of them PERSISTENT RESERVE OUT. */
  | 'reserve'
  /** A command found no unit, or is READ or WRITE of one that is not there. */
  | 'absent'
  /** The run is over, and nothing was at target 0; or units were addressed. */
  | 'target 0 absent'
  | 'addressed';

/** CHECK CONDITION with this additional sense and qualifier. */
export function refusedWith({ request: { command } }: InitiatorKnows, asc: number, qualifier = 0): boolean {
  const { status, senseLength, sense } = command;
  const { asc: at, ascq } = ((sense[0]! & CODE) < DESCRIBED ? FIXED_SENSE : DESCRIPTOR_SENSE).offset;
  return status === CHECK_CONDITION && senseLength > ascq && sense[at] === asc && sense[ascq] === qualifier;
}

/** The byte of the CDB, or of the parameter list, that the sense data point to; -1 where they do not. */
export function fieldIn({ request: { command } }: InitiatorKnows, where: 'cdb' | 'list'): number {
  const { senseLength, sense } = command;
  const isFixed = (sense[0]! & CODE) < DESCRIBED;
  const at = isFixed ? FIXED_SENSE.offset.key_specific : DESCRIPTOR_SENSE.size + KEY_SPECIFIC;
  const flags = senseLength > at + 2 ? sense[at]! : 0;
  if ((flags & SKSV) === 0 || ((flags & CD) !== 0) !== (where === 'cdb')) return -1;
  return (sense[at + 1]! << 8) | sense[at + 2]!;
}

const UNIT_ATTENTION = 6;

/** The additional sense of a unit attention and its qualifier, as text: `29/00`; null if it is none. */
export function attentionIn({ status, senseLength, sense }: AnsweredRequest['command']): string | null {
  const { key, asc, ascq } = ((sense[0]! & CODE) < DESCRIBED ? FIXED_SENSE : DESCRIPTOR_SENSE).offset;
  const isAttention =
    status === CHECK_CONDITION && senseLength > ascq && (sense[key]! & 0xf) === UNIT_ATTENTION;
  return isAttention ? `${hex(sense[asc]!, 2)}/${hex(sense[ascq]!, 2)}` : null;
}

/** How its buffers show that a driver has put the response behind the data, as text; null where they do not. */
export function behindData({ writable, command }: AnsweredRequest): string | null {
  const { count, length, total } = writable;
  const size = total - command.dataIn.total;
  const isBehind =
    count > 1 && length[count - 1] === size && length[0] === command.expected && length[0] !== size;
  return isBehind
    ? `the last request has room for ${length[0]} bytes and then for ${size}, but the response, of ${size}, comes before the data`
    : null;
}

export function unitText({ request: { target, lun } }: InitiatorKnows): string {
  return target === WELL_KNOWN ? 'the REPORT LUNS unit' : `target ${target} LUN ${lun}`;
}

/** The CDB, as it came. */
export function bytesOf({ request, cdb }: InitiatorKnows): string[] {
  return [
    `CDB ${[...request.command.cdb.subarray(0, cdb.usage.length)].map((byte) => hex(byte, 2)).join(' ')}`,
  ];
}

/** Bytes of data that it came with. */
export function dataOf({ request: { command } }: InitiatorKnows): number {
  return command.dataIn.total + command.dataOut.total;
}
