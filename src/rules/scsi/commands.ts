import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import { INQUIRY, INQUIRY_FLAGS, TRANSFER_FLAGS } from '../../scsi/registers.ts';
import {
  ASC,
  bytesOf,
  CHECK_CONDITION,
  type InitiatorKnows,
  type InitiatorMoment,
  refusedWith,
  unitText,
} from './knows.ts';
import { wrongInUnmap } from './unmap-list.ts';

const { DPO, FUA } = TRANSFER_FLAGS.mask;
const { EVPD } = INQUIRY_FLAGS.mask;
const { flags: FLAGS, page: PAGE } = INQUIRY.offset;

/** Refusals in a row: several times as many as there may be commands in flight; and virtual ns per refusal. */
const [OVER_AND_OVER, A_WHILE] = [256, 50_000];

/** Rules of an initiator's commands to units. */
export const SCSI_COMMANDS = {
  'scsi/CDB-RESERVED': {
    where: 'SPC-4, 3.3 Keywords: obsolete, reserved; 4.2.5 CDB',
    text: 'A driver MUST write 0 to the reserved and obsolete bits of a CDB.',
    advice: 'Clear the whole CDB before filling in its fields; later standards dropped LUN, PMI and CmdDt.',
    on: 'command',
    kept: (k) => strayBits(k, beyondStandards) === null,
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} with ${strayBits(k, beyondStandards)}`,
    facts: bytesOf,
  },
  'scsi/CDB-DENIED': {
    where: 'SBC-3, 4.22 Protection information model, 5 Commands; SPC-4, INQUIRY and VPD 86',
    text: 'A driver MUST NOT ask in a CDB for protection, a group, an anchor or rebuild assist that the unit does not support.',
    advice:
      'Check first: PROTECT of INQUIRY, GROUP_SUP of VPD 86, ANC_SUP of VPD B2. Where one is 0, write 0 to RDPROTECT and WRPROTECT, the group number, or ANCHOR.',
    on: 'command',
    kept: (k) => strayBits(k, denied) === null,
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} with ${strayBits(k, denied)}`,
    facts: bytesOf,
  },
  'scsi/CDB-CONTROL': {
    where: 'SAM-5, 5.2 Command descriptor block',
    text: 'A driver MUST write 0 to the CONTROL byte of a CDB: to NACA if NORMACA of INQUIRY is 0, and to the bits of linked commands.',
    advice: 'Write 0 to the last byte of each CDB.',
    on: 'command',
    kept: (k) => control(k) === 0,
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} with CONTROL ${hex(control(k), 2)}`,
    facts: bytesOf,
  },
  'scsi/DPOFUA': {
    where: 'SBC-3, 6.4.1 Mode parameter header: DPOFUA',
    text: 'A driver MUST NOT set DPO or FUA unless DPOFUA in the mode parameter header is 1.',
    advice:
      'Read DPOFUA with MODE SENSE. If it is 0, send SYNCHRONIZE CACHE after data that must be on the disk.',
    on: 'transfer',
    when: (k) => !k.takesFua,
    kept: (k) => (flagsOf(k) & (DPO | FUA)) === 0,
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} with ${dpoFua(flagsOf(k))}`,
    facts: bytesOf,
  },
  'scsi/TRANSFER-LENGTH': {
    where: 'SBC-3, 6.6.3 Block Limits VPD page: MAXIMUM TRANSFER LENGTH',
    text: 'A driver MUST NOT move more blocks in one READ or WRITE than VPD page B0 allows.',
    advice: 'Read MAXIMUM TRANSFER LENGTH in VPD page B0, and split longer transfers.',
    on: 'transfer',
    kept: (k) => k.blocks <= k.limits.transfer,
    said: (k) =>
      `${unitText(k)} was sent ${k.cdb.name} of ${k.blocks} blocks; VPD B0 allows ${k.limits.transfer}`,
    facts: bytesOf,
  },
  'scsi/LBA-RANGE': {
    where: 'SBC-3, 4.5 Logical blocks; 5.15 READ CAPACITY (10)',
    text: 'A driver MUST NOT address a block past the last one that READ CAPACITY returned.',
    advice:
      'Read the capacity before the first block, and again after a unit attention says that it changed.',
    on: 'blocks',
    // A disk may have shrunk since.
    kept: (k) => !refusedWith(k, ASC.OUT_OF_RANGE) || k.lba + k.blocks <= k.capacityTold,
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} past its last block`,
    facts: (k) => [
      ...bytesOf(k),
      `blocks ${k.lba} to ${k.lba + k.blocks - 1}, of ${k.capacity} that the unit has`,
    ],
  },
  'scsi/CAPACITY-16': {
    where: 'SBC-3, 5.15.2 READ CAPACITY (10) parameter data',
    text: 'A driver SHOULD send READ CAPACITY(16) before using a block if READ CAPACITY(10) returned FFFFFFFFh.',
    advice: 'Do not take FFFFFFFFh as a number: the disk is larger than ten-byte commands can say.',
    on: 'large',
    kept: (k) => k.asked16,
    said: (k) =>
      `${unitText(k)} has ${k.capacity} blocks, and was sent ${k.cdb.name} after READ CAPACITY(10) alone`,
  },
  'scsi/UNMAP-LIMITS': {
    where: 'SBC-3, 5.28 UNMAP; 6.6.3 Block Limits VPD page',
    text: 'A driver MUST NOT send UNMAP with an incomplete list, with blocks that the unit does not have, or with more descriptors or blocks than VPD page B0 allows.',
    advice:
      'Read MAXIMUM UNMAP BLOCK DESCRIPTOR COUNT and LBA COUNT in VPD page B0, and send several commands. A list has 8 bytes, and 16 for each descriptor, which counts blocks; byte 2 and 3 say how many bytes of descriptors there are.',
    on: 'UNMAP',
    kept: (k) => wrongInUnmap(k) === null,
    said: (k) => `${unitText(k)} was sent UNMAP with ${wrongInUnmap(k)}`,
    facts: bytesOf,
  },
  'scsi/INQUIRY-PAGE': {
    where: 'SPC-4, INQUIRY: EVPD, PAGE CODE',
    text: 'A driver MUST set EVPD in an INQUIRY that names a page.',
    advice: 'Set EVPD, bit 0 of byte 1, to ask for a page of vital product data.',
    on: 'INQUIRY',
    kept: (k) => (byteOf(k, FLAGS) & EVPD) !== 0 || byteOf(k, PAGE) === 0,
    said: (k) => `${unitText(k)} was sent INQUIRY with page ${hex(byteOf(k, PAGE), 2)}, and without EVPD`,
    facts: bytesOf,
  },
  'scsi/BUSY-RETRY': {
    where: 'SAM-5, 5.3.1 Status codes: BUSY, TASK SET FULL',
    text: 'A driver SHOULD NOT retry over and over without a pause what a unit refuses, or what finds it busy or its task set full.',
    advice:
      'Send the command again later: after some time, or when another to this unit has ended. Give up in the end, and at once what is an illegal request.',
    on: 'again',
    kept: (k) => k.timesBusy <= OVER_AND_OVER || k.busyFor >= k.timesBusy * A_WHILE,
    said: (k) =>
      `${unitText(k)} ${refusalText(k)}, but was asked ${k.timesBusy} times in ${Math.round(k.busyFor / 1000)} us`,
  },
  'scsi/UNIT-ATTENTION': {
    where: 'SAM-5, 5.14 Unit attention conditions',
    text: 'Send a read or write again that a unit answered with a unit attention.',
    advice:
      'Look at status and sense data of each answer: sense key 6 tells of something that happened to the unit, such as power-on, and the command was not carried out. Send it again.',
    on: 'attention',
    kept: (k) => k.unheeded === null,
    said: (k) => k.unheeded!,
  },
  'scsi/REPORT-LUNS-FIRST': {
    where: 'SPC-4, 6.33 REPORT LUNS; SAM-5, 4.6.4',
    text: 'Send REPORT LUNS before using any LUN other than 0.',
    advice: 'Send REPORT LUNS to LUN 0 of each target, and use the units that it lists.',
    on: 'further unit',
    kept: (k) => k.listed,
    said: (k) =>
      `${unitText(k)} was sent ${k.cdb.name}, but the driver did not ask the target which units it has`,
  },
} as const satisfies Rules<InitiatorKnows, InitiatorMoment>;

/** A mask of the bits of byte `at` of a CDB that should be clear. */
type Mask = (k: InitiatorKnows, at: number) => number;

const beyondStandards: Mask = ({ cdb }, at) => ~(cdb.usage[at]! | cdb.denied[at]!);
/** Except DPO, FUA and the CONTROL byte, which have rules of their own. */
const denied: Mask = ({ cdb, isTransfer }, at) => {
  if (at === cdb.usage.length - 1) return 0;
  return cdb.denied[at]! & ~(at === TRANSFER_FLAGS.offset && isTransfer ? DPO | FUA : 0);
};

/** It has bits that are reserved, or of what the unit does not support. */
export function isStray(k: InitiatorKnows): boolean {
  return strayBits(k, (of, at) => beyondStandards(of, at) | denied(of, at)) !== null;
}

/** `20h in byte 1`; null where there are none. */
function strayBits(k: InitiatorKnows, mask: Mask): string | null {
  for (let at = 1; at < k.cdb.usage.length; at++) {
    const stray = byteOf(k, at) & mask(k, at) & 0xff;
    if (stray !== 0) return `${hex(stray, 2)} in byte ${at}`;
  }
  return null;
}

function byteOf({ request }: InitiatorKnows, at: number): number {
  return request.command.cdb[at]!;
}

function control(k: InitiatorKnows): number {
  return byteOf(k, k.cdb.usage.length - 1);
}

/** `was busy`; a command that is refused by sense data gets its key. */
function refusalText({ request: { command } }: InitiatorKnows): string {
  return command.status === CHECK_CONDITION ? 'refused a command' : 'was busy';
}

/** Flags of READ or WRITE, of which the shortest have none. */
function flagsOf(k: InitiatorKnows): number {
  return byteOf(k, TRANSFER_FLAGS.offset) & k.cdb.denied[TRANSFER_FLAGS.offset]!;
}

function dpoFua(flags: number): string {
  return [flags & DPO ? 'DPO' : [], flags & FUA ? 'FUA' : []].flat().join(' and ');
}
