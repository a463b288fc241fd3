import { bytesText, hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import { RESERVE_CDB } from '../../scsi/cdb/registers.ts';
import { OPTIONAL_CDB } from '../../scsi/optional/registers.ts';
import { RESERVE_OUT } from '../../scsi/registers.ts';
import { isStray } from './commands.ts';
import {
  ASC,
  bytesOf,
  fieldIn,
  type InitiatorKnows,
  type InitiatorMoment,
  refusedWith,
  unitText,
} from './knows.ts';
import { keyIn, wrongInParameters } from './parameter-lists.ts';

const { scope_type: SCOPE_TYPE } = RESERVE_OUT.offset;
const { RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_AND_ABORT } = RESERVE_CDB;
const { WRITE_SAME_10, WRITE_SAME_16 } = OPTIONAL_CDB;
const RESERVATION_CONFLICT = 0x18;
const { INVALID_IN_CDB, INVALID_IN_LIST } = ASC;
/** Qualifier of INVALID_IN_LIST: the reservation to be released has another scope or type. */
const INVALID_RELEASE = 4;
const BLOCK = 512;
/** Service actions for those that are registered. */
const OF_REGISTERED: readonly unknown[] = [RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_AND_ABORT];

/** Rules of what a unit refuses, or what is not there to carry it out. */
export const SCSI_REFUSALS = {
  'scsi/PARAMETER-LIST': {
    where: 'SPC-4, MODE SELECT and PERSISTENT RESERVE OUT parameter lists',
    text: 'A driver MUST send MODE SELECT and PERSISTENT RESERVE OUT a list as long as it has to be, with reserved fields of 0.',
    advice:
      'Of what MODE SENSE returned clear MODE DATA LENGTH, bit 7 of the page, and what is not to be changed never; set PF, and send whole pages. PERSISTENT RESERVE OUT takes 24 bytes.',
    on: 'list',
    kept: (k) => wrongInParameters(k) === null,
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} ${wrongInParameters(k)}`,
    facts: bytesOf,
  },
  'scsi/CDB-VALUE': {
    where: 'SBC-3, 5.50 WRITE SAME (10) and other commands; SPC-4, PERSISTENT RESERVE OUT: SCOPE, TYPE',
    text: 'A driver MUST write to a CDB that sends data only values that its command and its unit take.',
    advice:
      'WRITE SAME sends one block, and VPD page B0 limits how many are written. PERSISTENT RESERVE OUT has the type in bits 3:0 of byte 2, and releases by the type by which it reserved.',
    on: 'sends',
    kept: (k) => !isValueRefused(k),
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} with ${valueText(k)}`,
    facts: bytesOf,
  },
  'scsi/RESERVATION-KEY': {
    where: 'SPC-4, PERSISTENT RESERVE OUT: RESERVATION KEY',
    text: 'A driver MUST register a key with a unit before it reserves, and give that key each time after.',
    advice:
      'Send REGISTER with the key as SERVICE ACTION RESERVATION KEY and 0 as RESERVATION KEY; then RESERVE and RELEASE with it as RESERVATION KEY.',
    on: 'reserve',
    when: (k) => OF_REGISTERED.includes(k.cdb) && k.ownKey !== null,
    kept: (k) => k.request.command.status !== RESERVATION_CONFLICT || keyIn(k) === k.ownKey,
    said: (k) =>
      `${unitText(k)} was sent ${k.cdb.name} with the key ${keyText(keyIn(k))}, but ${k.ownKey === 0n ? 'the driver has registered none' : `the driver registered ${keyText(k.ownKey!)}`}`,
    facts: bytesOf,
  },
  'scsi/ABSENT-UNIT': {
    where:
      'virtio 1.4, Device Operation: Request Queues: VIRTIO_SCSI_S_BAD_TARGET; SPC-4, PERIPHERAL QUALIFIER',
    text: 'A driver MUST NOT read or write a unit of which an answer told it that it is not there.',
    advice:
      'Look at response before status: 3 is an absent target. An INQUIRY that begins with 7fh, or sense 5/25/00, is an absent LUN of a target that is there.',
    on: 'absent',
    kept: (k) => !k.wasTold,
    said: (k) =>
      `${unitText(k)} was sent ${k.cdb.name}, though an earlier answer said that there is no such ${k.response === 0 ? 'LUN' : 'target'}`,
    facts: bytesOf,
  },
} as const satisfies Rules<InitiatorKnows, InitiatorMoment>;

/** A value of a field that has others: no bit that the unit does not support. */
function isValueRefused(k: InitiatorKnows): boolean {
  if (refusedWith(k, INVALID_IN_LIST, INVALID_RELEASE)) return true;
  return refusedWith(k, INVALID_IN_CDB) && fieldIn(k, 'cdb') > 1 && !isStray(k);
}

function valueText(k: InitiatorKnows): string {
  const { cdb, dataOut } = k.request.command;
  const isSame = k.cdb === WRITE_SAME_10 || k.cdb === WRITE_SAME_16;
  if (isSame && dataOut.total > BLOCK) return `${bytesText(dataOut.total)} of data, and it takes one block`;
  if (k.cdb.usage[0] === RESERVE.usage[0]) return `scope and type ${hex(cdb[SCOPE_TYPE]!, 2)}`;
  return k.blocks > 0
    ? `${k.blocks} blocks, more than it takes`
    : `a wrong value in byte ${fieldIn(k, 'cdb')}`;
}

function keyText(key: bigint): string {
  return key.toString(16);
}
