import { hex } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import { TRANSFER_FLAGS } from '../../scsi/cdb/registers.ts';
import { INQUIRY, INQUIRY_FLAGS } from '../../scsi/registers.ts';
import { bytesOf, type InitiatorKnows, type InitiatorMoment, refusedWith, unitText } from './knows.ts';

const { DPO, FUA } = TRANSFER_FLAGS.mask;
const { EVPD } = INQUIRY_FLAGS.mask;
const { flags: FLAGS, page: PAGE } = INQUIRY.offset;
/** Additional sense of an LBA past the end, of a list's field, of a list's length. */
const OUT_OF_RANGE = 0x21;
const INVALID_IN_LIST = 0x26;
const LIST_LENGTH = 0x1a;

/** Refusals in a row: several times as many as there may be commands in flight; and virtual ns per refusal. */
const [OVER_AND_OVER, A_WHILE] = [256, 50_000];

/** Rules of an initiator's commands to units. */
export const SCSI_COMMANDS = {
  'scsi/CDB-RESERVED': {
    strength: 'MUST',
    where: 'SPC-4, 3.3 Keywords: obsolete, reserved; 4.2.5 CDB',
    text: 'Bits of a CDB that are reserved or obsolete are zero',
    advice:
      'Fill the CDB with zeros before its fields are written; of LUN, PMI and CmdDt later standards know nothing.',
    on: 'command',
    kept: (k) => strayBits(k, beyondStandards) === null,
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} with ${strayBits(k, beyondStandards)}`,
    facts: bytesOf,
  },
  'scsi/CDB-DENIED': {
    strength: 'MUST NOT',
    where: 'SBC-3, 4.22 Protection information model, 5 Commands; SPC-4, INQUIRY and VPD 86',
    text: 'A CDB asks for no protection, group, anchor or rebuild assist that the unit does not know',
    advice:
      'Ask first: PROTECT of INQUIRY, GROUP_SUP of VPD 86, ANC_SUP of VPD B2. Where they are 0, so are RDPROTECT, WRPROTECT, the group number and ANCHOR.',
    on: 'command',
    kept: (k) => strayBits(k, denied) === null,
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} with ${strayBits(k, denied)}`,
    facts: bytesOf,
  },
  'scsi/CDB-CONTROL': {
    strength: 'MUST',
    where: 'SAM-5, 5.2 Command descriptor block',
    text: 'The CONTROL byte of a CDB is zero: NACA where NORMACA of INQUIRY is 0, and the bits of linked commands',
    advice: 'Write 0 to the last byte of each CDB.',
    on: 'command',
    kept: (k) => control(k) === 0,
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} with CONTROL ${hex(control(k), 2)}`,
    facts: bytesOf,
  },
  'scsi/DPOFUA': {
    strength: 'MUST NOT',
    where: 'SBC-3, 6.4.1 Mode parameter header: DPOFUA',
    text: 'DPO and FUA are set only where DPOFUA of the mode parameter header is 1',
    advice:
      'Read DPOFUA by MODE SENSE. Where it is 0, send SYNCHRONIZE CACHE after what must be on the disk.',
    on: 'transfer',
    kept: (k) => (flagsOf(k) & (DPO | FUA)) === 0,
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} with ${dpoFua(flagsOf(k))}`,
    facts: bytesOf,
  },
  'scsi/TRANSFER-LENGTH': {
    strength: 'MUST NOT',
    where: 'SBC-3, 6.6.3 Block Limits VPD page: MAXIMUM TRANSFER LENGTH',
    text: 'READ and WRITE move at most as many blocks as VPD B0 allows',
    advice: 'Read MAXIMUM TRANSFER LENGTH in VPD page B0, and split what is longer.',
    on: 'transfer',
    kept: (k) => k.blocks <= k.limits.transfer,
    said: (k) =>
      `${unitText(k)} was sent ${k.cdb.name} of ${k.blocks} blocks; VPD B0 allows ${k.limits.transfer}`,
    facts: bytesOf,
  },
  'scsi/LBA-RANGE': {
    strength: 'MUST NOT',
    where: 'SBC-3, 4.5 Logical blocks; 5.15 READ CAPACITY (10)',
    text: 'A command names no block past the last that READ CAPACITY told of',
    advice: 'Read the capacity before the first block, and anew after the unit attention that it changed.',
    on: 'blocks',
    // A disk may have shrunk since.
    kept: (k) => !refusedWith(k, OUT_OF_RANGE) || k.lba + k.blocks <= k.capacityTold,
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} past its last block`,
    facts: (k) => [...bytesOf(k), `blocks that the unit has: ${k.capacity}`],
  },
  'scsi/CAPACITY-16': {
    strength: 'SHOULD',
    where: 'SBC-3, 5.15.2 READ CAPACITY (10) parameter data',
    text: 'Where READ CAPACITY(10) says FFFFFFFFh, READ CAPACITY(16) is asked before a block is used',
    advice: 'Take FFFFFFFFh for no number: the disk is larger than ten-byte commands can say.',
    on: 'large',
    kept: (k) => k.asked16,
    said: (k) =>
      `${unitText(k)} has ${k.capacity} blocks, and was sent ${k.cdb.name} after READ CAPACITY(10) alone`,
  },
  'scsi/UNMAP-LIMITS': {
    strength: 'MUST NOT',
    where: 'SBC-3, 5.28 UNMAP; 6.6.3 Block Limits VPD page',
    text: 'UNMAP has a whole list, of no more descriptors and blocks than VPD B0 allows',
    advice:
      'Read MAXIMUM UNMAP BLOCK DESCRIPTOR COUNT and LBA COUNT in VPD page B0, and send several commands.',
    on: 'UNMAP',
    kept: (k) => !refusedWith(k, INVALID_IN_LIST) && !refusedWith(k, LIST_LENGTH),
    said: (k) =>
      refusedWith(k, LIST_LENGTH)
        ? `${unitText(k)} was sent UNMAP with a list shorter than its header`
        : `${unitText(k)} was sent UNMAP with more than ${k.limits.unmapDescriptors} descriptors or ${k.limits.unmapBlocks} blocks`,
    facts: bytesOf,
  },
  'scsi/INQUIRY-PAGE': {
    strength: 'MUST',
    where: 'SPC-4, INQUIRY: EVPD, PAGE CODE',
    text: 'INQUIRY names a page only with EVPD',
    advice: 'Set EVPD, bit 0 of byte 1, to ask for a page of vital product data.',
    on: 'INQUIRY',
    kept: (k) => (byteOf(k, FLAGS) & EVPD) !== 0 || byteOf(k, PAGE) === 0,
    said: (k) => `${unitText(k)} was sent INQUIRY with page ${hex(byteOf(k, PAGE), 2)}, and without EVPD`,
    facts: bytesOf,
  },
  'scsi/BUSY-RETRY': {
    strength: 'SHOULD NOT',
    where: 'SAM-5, 5.3.1 Status codes: BUSY, TASK SET FULL',
    text: 'A unit that is busy, or whose task set is full, is not asked again at once, over and over',
    advice:
      'Send the command again later: after some time, or when another to this unit has ended. Give up in the end.',
    on: 'again',
    kept: (k) => k.timesBusy <= OVER_AND_OVER || k.busyFor >= k.timesBusy * A_WHILE,
    said: (k) =>
      `${unitText(k)} was busy, and asked ${k.timesBusy} times in ${Math.round(k.busyFor / 1000)} us`,
  },
  'scsi/REPORT-LUNS-FIRST': {
    strength: 'NOTE',
    where: 'SPC-4, 6.33 REPORT LUNS; SAM-5, 4.6.4',
    text: 'Which units a target has beside LUN 0, REPORT LUNS is asked before one is used',
    advice: 'Send REPORT LUNS to LUN 0 of each target, and use the units that it lists.',
    on: 'further unit',
    kept: (k) => k.listed,
    said: (k) =>
      `${unitText(k)} was sent ${k.cdb.name}, and the driver did not ask the target which units it has`,
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

/** Flags of READ or WRITE, of which the shortest have none. */
function flagsOf(k: InitiatorKnows): number {
  return byteOf(k, TRANSFER_FLAGS.offset) & k.cdb.denied[TRANSFER_FLAGS.offset]!;
}

function dpoFua(flags: number): string {
  return [flags & DPO ? 'DPO' : [], flags & FUA ? 'FUA' : []].flat().join(' and ');
}
