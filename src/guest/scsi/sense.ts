import { hex } from '../../core/bits.ts';
import { SCSI_RESPONSE } from '../../virtio/scsi/registers.ts';

/** Why a command failed (SPC-4, 4.5): a key, a code with its qualifier, and further details. */
export interface ScsiSense extends SenseDetails {
  readonly key: number;
  readonly asc: number;
  readonly ascq: number;
}

export const SENSE_KEY = {
  'NO SENSE': 0,
  'RECOVERED ERROR': 1,
  'NOT READY': 2,
  'MEDIUM ERROR': 3,
  'HARDWARE ERROR': 4,
  'ILLEGAL REQUEST': 5,
  'UNIT ATTENTION': 6,
  'DATA PROTECT': 7,
  'BLANK CHECK': 8,
  'VENDOR SPECIFIC': 9,
  'COPY ABORTED': 10,
  'ABORTED COMMAND': 11,
  'VOLUME OVERFLOW': 13,
  MISCOMPARE: 14,
} as const;

export const SCSI_STATUS = {
  GOOD: 0x00,
  'CHECK CONDITION': 0x02,
  'CONDITION MET': 0x04,
  BUSY: 0x08,
  'RESERVATION CONFLICT': 0x18,
  'TASK SET FULL': 0x28,
  'TASK ABORTED': 0x40,
} as const;

/** Sense data in fixed (70h, 71h) or descriptor form (72h, 73h); null if it is neither. */
export function parseSense(bytes: Uint8Array): ScsiSense | null {
  const form = (bytes[0] ?? 0) & 0x7f;
  if ((form === 0x70 || form === 0x71) && bytes.length >= 14)
    return { key: bytes[2]! & 0xf, asc: bytes[12]!, ascq: bytes[13]!, ...fixedDetails(bytes) };
  if ((form === 0x72 || form === 0x73) && bytes.length >= 4)
    return { key: bytes[1]! & 0xf, asc: bytes[2]!, ascq: bytes[3]!, ...descriptorDetails(bytes) };
  return null;
}

/** `ILLEGAL REQUEST 5/21/00` */
export function senseText({ key, asc, ascq }: Pick<ScsiSense, 'key' | 'asc' | 'ascq'>): string {
  return `${nameOf(SENSE_KEY, key)} ${hex(key, 1)}/${hex(asc, 2)}/${hex(ascq, 2)}`;
}

/** A command that a unit or the host adapter did not execute. */
export class ScsiError extends Error {
  override readonly name = 'ScsiError';
  readonly target: number;
  readonly lun: number;
  /** Its name, such as `READ CAPACITY(16)`. */
  readonly command: string;
  /** The host adapter's response, `SCSI_RESPONSE`. If it is OK, 0, `status` holds the unit's status. */
  readonly response: number;
  /** The unit's status, `SCSI_STATUS`: 2 is CHECK CONDITION, and then `sense` has the reason. */
  readonly status: number;
  readonly sense: ScsiSense | null;

  constructor(
    command: string,
    target: number,
    lun: number,
    answer: { response: number; status: number; sense: ScsiSense | null },
  ) {
    const { response, status, sense } = answer;
    const why =
      response !== SCSI_RESPONSE.OK
        ? `the adapter says ${nameOf(SCSI_RESPONSE, response)}`
        : `${nameOf(SCSI_STATUS, status)}${sense === null ? '' : `, ${senseText(sense)}`}`;
    super(`${command} to target ${target} LUN ${lun}: ${why}`);
    this.command = command;
    this.target = target;
    this.lun = lun;
    this.response = response;
    this.status = status;
    this.sense = sense;
  }
}

function nameOf(names: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(names).find(([, code]) => code === value)?.[0] ?? hex(value, 2);
}

/** The field that a unit rejected. */
export interface FieldPointer {
  /** In the command block; otherwise in the parameter list. */
  readonly inCdb: boolean;
  readonly byte: number;
  /** The highest bit of the field; null if the unit gives none. */
  readonly bit: number | null;
}

/** Sense data beside key and codes; null if absent. Numbers are exact below 2^53. */
export interface SenseDetails {
  /** The error belongs to an earlier command. */
  readonly deferred: boolean;
  /** Usually a block: the one at which a command on the medium failed. */
  readonly information: number | null;
  /** Command-specific information, defined by the command's standard. */
  readonly commandSpecific: number | null;
  /** The three sense-key specific bytes. */
  readonly keySpecific: Uint8Array | null;
  /** The same decoded for an illegal request. */
  readonly field: FieldPointer | null;
  /** The part of the unit that failed. */
  readonly fru: number | null;
}

const ILLEGAL_REQUEST = 5;
const DEFERRED = 1;
const VALID = 0x80;
const SKSV = 0x80;
const CD = 0x40;
const BPV = 0x08;
const BIT = 0x07;
/** Offset from which additional sense bytes are counted, in both formats. */
const HEAD = 8;

/** Descriptor types (SPC-4, 4.5.2.1). */
const INFORMATION = 0x00;
const COMMAND_SPECIFIC = 0x01;
const KEY_SPECIFIC = 0x02;
const FRU = 0x03;

/** From sense data in fixed format (SPC-4, 4.5.3). */
function fixedDetails(bytes: Uint8Array): SenseDetails {
  const sense = bytes.subarray(0, HEAD + (bytes[7] ?? 0));
  const view = viewOf(sense);
  const valid = (sense[0]! & VALID) !== 0;
  return details(sense, sense[2]!, {
    information: valid ? view.getUint32(3) : null,
    commandSpecific: sense.length >= 12 ? view.getUint32(8) : null,
    keySpecific: sense.length >= 18 ? sense.slice(15, 18) : null,
    fru: sense[14] ?? null,
  });
}

/** From sense data in descriptor format (SPC-4, 4.5.2). */
function descriptorDetails(bytes: Uint8Array): SenseDetails {
  const sense = bytes.subarray(0, HEAD + (bytes[7] ?? 0));
  const find = (type: number, size: number) => findDescriptor(sense, type, size);
  const information = find(INFORMATION, 12);
  const specific = find(COMMAND_SPECIFIC, 12);
  return details(sense, sense[1]!, {
    information: information !== null && (information[2]! & VALID) !== 0 ? eightBytes(information, 4) : null,
    commandSpecific: specific === null ? null : eightBytes(specific, 4),
    keySpecific: find(KEY_SPECIFIC, 8)?.slice(4, 7) ?? null,
    fru: find(FRU, 4)?.[3] ?? null,
  });
}

function details(
  sense: Uint8Array,
  key: number,
  found: Omit<SenseDetails, 'deferred' | 'field'>,
): SenseDetails {
  const set = found.keySpecific !== null && (found.keySpecific[0]! & SKSV) !== 0;
  const keySpecific = set ? found.keySpecific : null;
  return {
    ...found,
    deferred: (sense[0]! & DEFERRED) !== 0,
    keySpecific,
    fru: found.fru === 0 ? null : found.fru,
    field: keySpecific !== null && (key & 0xf) === ILLEGAL_REQUEST ? fieldOf(keySpecific) : null,
  };
}

function fieldOf(keySpecific: Uint8Array): FieldPointer {
  const flags = keySpecific[0]!;
  return {
    inCdb: (flags & CD) !== 0,
    byte: viewOf(keySpecific).getUint16(1),
    bit: (flags & BPV) !== 0 ? flags & BIT : null,
  };
}

/** Type, length of the rest, and the rest; null if there is none of `size` bytes. */
function findDescriptor(sense: Uint8Array, type: number, size: number): Uint8Array | null {
  for (let at = HEAD; at + 1 < sense.length; at += 2 + sense[at + 1]!)
    if (sense[at] === type) return at + size <= sense.length ? sense.subarray(at, at + size) : null;
  return null;
}

function eightBytes(bytes: Uint8Array, at: number): number {
  const view = viewOf(bytes);
  return view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
