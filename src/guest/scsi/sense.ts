import { hex } from '../../core/bits.ts';
import { SCSI_RESPONSE } from '../../virtio/scsi/registers.ts';
import { descriptorDetails, fixedDetails, type SenseDetails } from './sense-details.ts';

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
