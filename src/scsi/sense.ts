import { match } from 'ts-pattern';
import {
  DESCRIPTOR_SENSE,
  FIELD_POINTER,
  FIXED_SENSE,
  INFORMATION_SENSE,
  KEY_SPECIFIC_SENSE,
  SENSE_RESPONSE,
} from './registers.ts';

const { CD, SKSV, BPV } = FIELD_POINTER.mask;
const { VALID, CODE } = SENSE_RESPONSE.mask;
const FIXED = 0x70;
const DESCRIPTOR = 0x72;
/** Bytes of the fixed format after byte 7. */
const ADDITIONAL = FIXED_SENSE.size - FIXED_SENSE.offset.command_specific;

/** Descriptors by type (SPC-4, descriptor format sense data); their length excludes the first two bytes. */
const [INFORMATION, KEY_SPECIFIC] = [0x00, 0x02];
const UNCOUNTED = 2;

/** Why a command was not executed: sense key, additional sense code and qualifier, and their text. */
export interface Sense {
  readonly key: number;
  readonly asc: number;
  readonly ascq: number;
  readonly text: string;
}

const KEYS = [
  'no sense',
  'recovered error',
  'not ready',
  'medium error',
  'hardware error',
  'illegal request',
  'unit attention',
  'data protect',
  'blank check',
  'vendor specific',
  'copy aborted',
  'aborted command',
  'reserved',
  'volume overflow',
  'miscompare',
  'completed',
] as const;
const UNIT_ATTENTION = 6;

function sense(key: number, asc: number, ascq: number, text: string): Sense {
  return { key, asc, ascq, text };
}

/** The sense codes used here, from SPC-4 annex D. */
export const SENSE = {
  NO_SENSE: sense(0x0, 0x00, 0x00, 'nothing to report'),
  NEEDS_START: sense(0x2, 0x04, 0x02, 'logical unit not ready, initializing command required'),
  WRITE_ERROR: sense(0x3, 0x0c, 0x00, 'write error'),
  READ_ERROR: sense(0x3, 0x11, 0x00, 'unrecovered read error'),
  PARAMETER_LIST_LENGTH: sense(0x5, 0x1a, 0x00, 'parameter list length error'),
  INVALID_OPCODE: sense(0x5, 0x20, 0x00, 'invalid command operation code'),
  LBA_OUT_OF_RANGE: sense(0x5, 0x21, 0x00, 'logical block address out of range'),
  INVALID_FIELD_IN_CDB: sense(0x5, 0x24, 0x00, 'invalid field in CDB'),
  LUN_NOT_SUPPORTED: sense(0x5, 0x25, 0x00, 'logical unit not supported'),
  INVALID_FIELD_IN_LIST: sense(0x5, 0x26, 0x00, 'invalid field in parameter list'),
  INVALID_RELEASE: sense(0x5, 0x26, 0x04, 'invalid release of persistent reservation'),
  SAVING_NOT_SUPPORTED: sense(0x5, 0x39, 0x00, 'saving parameters not supported'),
  POWER_ON: sense(0x6, 0x29, 0x00, 'power on, reset, or bus device reset occurred'),
  NEXUS_LOST: sense(0x6, 0x29, 0x07, 'I_T nexus loss occurred'),
  MODE_CHANGED: sense(0x6, 0x2a, 0x01, 'mode parameters changed'),
  LOG_CHANGED: sense(0x6, 0x2a, 0x02, 'log parameters changed'),
  RESERVATIONS_PREEMPTED: sense(0x6, 0x2a, 0x03, 'reservations preempted'),
  RESERVATIONS_RELEASED: sense(0x6, 0x2a, 0x04, 'reservations released'),
  REGISTRATIONS_PREEMPTED: sense(0x6, 0x2a, 0x05, 'registrations preempted'),
  CAPACITY_CHANGED: sense(0x6, 0x2a, 0x09, 'capacity data has changed'),
  COMMANDS_CLEARED: sense(0x6, 0x2f, 0x00, 'commands cleared by another initiator'),
  INQUIRY_CHANGED: sense(0x6, 0x3f, 0x03, 'inquiry data has changed'),
  LUNS_CHANGED: sense(0x6, 0x3f, 0x0e, 'reported LUNs data has changed'),
  WRITE_PROTECTED: sense(0x7, 0x27, 0x00, 'write protected'),
  SPACE_ALLOCATION_FAILED: sense(0x7, 0x27, 0x07, 'space allocation failed write protect'),
  MISCOMPARE: sense(0xe, 0x1d, 0x00, 'miscompare during verify operation'),
  ABORTED_COMMAND: sense(0xb, 0x00, 0x00, 'no additional sense information'),
  OVERLAPPED_COMMANDS: sense(0xb, 0x4e, 0x00, 'overlapped commands attempted'),
} as const satisfies Record<string, Sense>;

/** A unit attention, with text if it is one of ours. */
export function unitAttention(asc: number, ascq: number): Sense {
  return known(UNIT_ATTENTION, asc, ascq);
}

/** Writes 18 bytes of fixed format sense data; returns 18. */
export function encodeFixed(sense: Sense, into: Uint8Array): number {
  into.fill(0, 0, FIXED_SENSE.size);
  const { key, asc, ascq } = sense;
  FIXED_SENSE.encode({ response: FIXED, key, additional: ADDITIONAL, asc, ascq }, into);
  return FIXED_SENSE.size;
}

/** Writes 8 bytes of descriptor format sense data, without descriptors; returns 8. */
export function encodeDescriptor(sense: Sense, into: Uint8Array): number {
  into.fill(0, 0, DESCRIPTOR_SENSE.size);
  const { key, asc, ascq } = sense;
  DESCRIPTOR_SENSE.encode({ response: DESCRIPTOR, key, asc, ascq }, into);
  return DESCRIPTOR_SENSE.size;
}

/** Makes it of fixed format data, as they lie, with `information` unless that is negative; returns its length. */
export function fixedToDescriptor(bytes: Uint8Array, information: number): number {
  const { key, asc, ascq, key_specific, field } = FIXED_SENSE.decode(bytes);
  let end = encodeDescriptor({ key, asc, ascq, text: '' }, bytes);
  if (information >= 0) {
    const length = INFORMATION_SENSE.size - UNCOUNTED;
    INFORMATION_SENSE.encode(
      { type: INFORMATION, length, valid: VALID, information: BigInt(information) },
      bytes.fill(0, end, end + INFORMATION_SENSE.size),
      end,
    );
    end += INFORMATION_SENSE.size;
  }
  if ((key_specific & SKSV) !== 0) {
    const length = KEY_SPECIFIC_SENSE.size - UNCOUNTED;
    bytes.fill(0, end, end + KEY_SPECIFIC_SENSE.size);
    KEY_SPECIFIC_SENSE.encode({ type: KEY_SPECIFIC, length, key_specific, field }, bytes, end);
    end += KEY_SPECIFIC_SENSE.size;
  }
  DESCRIPTOR_SENSE.encode({ additional: end - DESCRIPTOR_SENSE.size }, bytes);
  return end;
}

/** Adds the place of the fault to fixed format sense data: the highest wrong bit of a byte of the CDB or the list. */
export function encodeFieldPointer(
  into: Uint8Array,
  where: 'cdb' | 'list',
  field: number,
  bit: number,
): void {
  const key_specific = SKSV | (where === 'cdb' ? CD : 0) | BPV | bit;
  FIXED_SENSE.encode({ key_specific, field }, into);
}

/** Adds the block that failed, which the fixed format can hold if it is below 2^32. */
export function encodeBlock(into: Uint8Array, lba: number): void {
  if (lba > 0xffff_ffff) return;
  FIXED_SENSE.encode({ response: FIXED | VALID, information: lba }, into);
}

/**
 * Describes sense data of either format; null if it is too short or of an unknown format.
 *
 * @example decodeSense(command.sense)?.text   // 'illegal request: invalid field in CDB'
 */
export function decodeSense(bytes: Uint8Array): Sense | null {
  return match(bytes[0]! & CODE)
    .with(0x70, 0x71, () => (bytes.length < FIXED_SENSE.size ? null : spoken(FIXED_SENSE.decode(bytes))))
    .with(0x72, 0x73, () =>
      bytes.length < DESCRIPTOR_SENSE.size ? null : spoken(DESCRIPTOR_SENSE.decode(bytes)),
    )
    .otherwise(() => null);
}

function spoken(found: { key: number; asc: number; ascq: number }): Sense {
  const { text, ...rest } = known(found.key & 0x0f, found.asc, found.ascq);
  return { ...rest, text: `${KEYS[rest.key]}: ${text}` };
}

function known(key: number, asc: number, ascq: number): Sense {
  const ours = Object.values(SENSE).find((one) => one.asc === asc && one.ascq === ascq);
  const text = ours?.text ?? `additional sense ${asc.toString(16)}h/${ascq.toString(16)}h`;
  return { key, asc, ascq, text };
}
