import { bytesText } from '../../core/bits.ts';
import type { Rules } from '../../core/rule.ts';
import { CDB, type Cdb } from '../../scsi/cdb/registers.ts';
import { COMPARE_AND_WRITE, OPTIONAL_CDB } from '../../scsi/optional/registers.ts';
import {
  BLOCKS_6,
  BLOCKS_10,
  BLOCKS_12,
  BLOCKS_16,
  INQUIRY,
  INQUIRY_FLAGS,
  REPORT_LUNS,
} from '../../scsi/registers.ts';
import { SCSI_RESPONSE } from '../../virtio/scsi/registers.ts';
import { isPhysical } from '../gce/disks.ts';
import { bytesOf, dataOf, type InitiatorKnows, type InitiatorMoment, unitText } from './knows.ts';

const { EVPD } = INQUIRY_FLAGS.mask;
const GOOD = 0;
/** Bytes up to and with the length field: of a page, of standard INQUIRY data; and of a list of one LUN. */
const [PAGE_HEAD, INQUIRY_HEAD, ONE_LUN] = [4, 5, 16];
const REQUEST_QUEUES = 'virtio 1.4, Device Operation: Request Queues';

/** Rules of the data that goes with commands: its direction, and how much of it there is. */
export const SCSI_DATA = {
  'scsi/DATA-DIRECTION': {
    where: REQUEST_QUEUES,
    text: 'A driver MUST place data-out buffers after the request header and data-in buffers after the response.',
    advice:
      'Put what WRITE and UNMAP send into device-readable buffers, and everything else into buffers with WRITE.',
    on: 'data',
    kept: (k) => !isOtherWay(k),
    said: (k) => `${unitText(k)} was sent ${k.cdb.name}, which has data ${k.cdb.data}, with ${dataText(k)}`,
    facts: bytesOf,
  },
  'scsi/DATA-ROOM': {
    where: `${REQUEST_QUEUES}: VIRTIO_SCSI_S_OVERRUN`,
    text: 'A driver MUST give a request buffers for all bytes that its CDB asks to move.',
    advice:
      'Give as many bytes as the allocation length, the parameter list length, or the transfer length times the block length says.',
    on: 'room',
    kept: (k) => k.response !== SCSI_RESPONSE.OVERRUN,
    said: (k) =>
      `${unitText(k)} was sent ${k.cdb.name} for ${bytesText(k.request.command.expected)}, with ${dataText(k)}`,
    facts: bytesOf,
  },
  'scsi/DATA-EXCESS': {
    where: 'SBC-3, 5.11 READ (10): TRANSFER LENGTH',
    text: 'Give READ and WRITE exactly as many bytes as the blocks they name, and a command without data none.',
    advice:
      'Check the residual, since excess bytes are not moved, or name as many blocks as there is data for.',
    on: ['transfer', 'no data'],
    kept: (k) => (k.cdb.data === null ? dataOf(k) === 0 : !isLong(k) || isPhysical(k)),
    said: (k) =>
      k.cdb.data === null
        ? `${unitText(k)} was sent ${k.cdb.name}, which has no data, with ${dataText(k)}`
        : `${unitText(k)} was sent ${k.cdb.name} of ${k.blocks} blocks, ${bytesText(k.request.command.expected)}, with ${dataText(k)}`,
    facts: bytesOf,
  },
  'scsi/LENGTH-ZERO': {
    where:
      'SPC-4, 4.2.5 Transfer, parameter list and allocation length; SBC-3, 5.11 READ (10): TRANSFER LENGTH',
    text: 'A driver SHOULD NOT give data buffers to a command whose CDB has a length of 0: nothing is moved.',
    advice:
      'Write the length to the CDB, big-endian: READ(10) has its blocks in bytes 7 and 8, READ(16) in 10 to 13, MODE SENSE(6) its bytes in byte 4. Only in READ(6) and WRITE(6) 0 is 256.',
    on: 'data',
    // scsi/ALLOCATION-LENGTH has these two.
    when: (k) => k.cdb !== CDB.INQUIRY && k.cdb !== CDB.REPORT_LUNS,
    kept: (k) => !isOfNothing(k),
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} of length 0, with ${dataText(k)}, and succeeded`,
    facts: bytesOf,
  },
  'scsi/ALLOCATION-LENGTH': {
    where: 'SPC-4, INQUIRY and 6.33 REPORT LUNS: ALLOCATION LENGTH',
    text: 'A driver SHOULD give INQUIRY and REPORT LUNS room for at least the length field of the answer.',
    advice:
      'Ask INQUIRY for 36 bytes, a VPD page for 4 or more, REPORT LUNS for 16 or more; then for as many as the answer says.',
    on: ['INQUIRY', 'REPORT LUNS'],
    kept: (k) => allocationOf(k) >= leastOf(k),
    said: (k) => `${unitText(k)} was sent ${k.cdb.name} for ${bytesText(allocationOf(k))}`,
    facts: bytesOf,
  },
} as const satisfies Rules<InitiatorKnows, InitiatorMoment>;

/** All the data is in the direction opposite to the command's. */
export function isOtherWay({ cdb, request: { command } }: InitiatorKnows): boolean {
  const [right, wrong] =
    cdb.data === 'in' ? [command.dataIn, command.dataOut] : [command.dataOut, command.dataIn];
  return right.total === 0 && wrong.total > 0;
}

/** It has blocks, and more bytes than these. */
function isLong(k: InitiatorKnows): boolean {
  const { expected } = k.request.command;
  return expected > 0 && dataOf(k) > expected;
}

/** It succeeded, and its CDB asked to move none of the data that came with it. */
function isOfNothing({ request: { command }, response }: InitiatorKnows): boolean {
  const { status, expected, dataIn, dataOut } = command;
  return (
    response === SCSI_RESPONSE.OK && status === GOOD && expected === 0 && dataIn.total + dataOut.total > 0
  );
}

function dataText({ request: { command } }: InitiatorKnows): string {
  const { dataIn, dataOut } = command;
  return `${bytesText(dataOut.total)} to read and room for ${bytesText(dataIn.total)}`;
}

function allocationOf({ cdb, request: { command } }: InitiatorKnows): number {
  const shape = cdb === CDB.INQUIRY ? INQUIRY : REPORT_LUNS;
  return shape.decode(command.cdb).allocation;
}

function leastOf({ cdb, request: { command } }: InitiatorKnows): number {
  if (cdb === CDB.REPORT_LUNS) return ONE_LUN;
  const { flags, page } = INQUIRY.decode(command.cdb);
  return (flags & EVPD) !== 0 || page !== 0 ? PAGE_HEAD : INQUIRY_HEAD;
}

type Extent = readonly [lba: number, blocks: number];

/** In READ(6) and WRITE(6) 0 blocks means this many (SBC-3 5.11). */
const BLOCKS_OF_ZERO_6 = 256;
const LBA_HIGH_6 = 0x1f;

function six(bytes: Uint8Array): Extent {
  const { lba_high, lba_low, blocks } = BLOCKS_6.decode(bytes);
  return [(lba_high & LBA_HIGH_6) * 2 ** 16 + lba_low, blocks || BLOCKS_OF_ZERO_6];
}

function ten(bytes: Uint8Array): Extent {
  const { lba, blocks } = BLOCKS_10.decode(bytes);
  return [lba, blocks];
}

function twelve(bytes: Uint8Array): Extent {
  const { lba, blocks } = BLOCKS_12.decode(bytes);
  return [lba, blocks];
}

function sixteen(bytes: Uint8Array): Extent {
  const { lba, blocks } = BLOCKS_16.decode(bytes);
  return [Number(lba), blocks];
}

const READERS: readonly (readonly [Cdb, (bytes: Uint8Array) => Extent])[] = [
  [CDB.READ_6, six],
  [CDB.WRITE_6, six],
  [CDB.READ_10, ten],
  [CDB.WRITE_10, ten],
  [CDB.READ_12, twelve],
  [CDB.WRITE_12, twelve],
  [CDB.READ_16, sixteen],
  [CDB.WRITE_16, sixteen],
];

/** Those of commands that name blocks, and do not move just these. */
const OTHERS: readonly (readonly [Cdb, (bytes: Uint8Array) => Extent])[] = [
  [OPTIONAL_CDB.WRITE_SAME_10, ten],
  [OPTIONAL_CDB.WRITE_SAME_16, sixteen],
  [OPTIONAL_CDB.WRITE_AND_VERIFY_10, ten],
  [OPTIONAL_CDB.WRITE_AND_VERIFY_12, twelve],
  [OPTIONAL_CDB.WRITE_AND_VERIFY_16, sixteen],
  [OPTIONAL_CDB.VERIFY_10, ten],
  [OPTIONAL_CDB.VERIFY_12, twelve],
  [OPTIONAL_CDB.VERIFY_16, sixteen],
  [OPTIONAL_CDB.COMPARE_AND_WRITE, compared],
  [OPTIONAL_CDB.ORWRITE_16, sixteen],
];

function compared(bytes: Uint8Array): Extent {
  const { lba, blocks } = COMPARE_AND_WRITE.decode(bytes);
  return [Number(lba), blocks];
}

const byOpcode = (readers: typeof READERS) =>
  new Map(readers.map(([{ usage }, read]) => [usage[0]!, read] as const));

/** Opcodes of READ and WRITE. */
export const TRANSFERS = Uint8Array.from({ length: 0x100 }, (_, opcode) =>
  Number(READERS.some(([{ usage }]) => usage[0] === opcode)),
);

/** How to read the blocks out of a command that names some, by its opcode. */
export const NAMED: ReadonlyMap<number, (bytes: Uint8Array) => Extent> = byOpcode([...READERS, ...OTHERS]);

/** Those commands, and two more that have them elsewhere. */
export const NAMING_BLOCKS: ReadonlySet<Cdb> = new Set<Cdb>([
  ...[...READERS, ...OTHERS].map(([cdb]) => cdb),
  CDB.SYNCHRONIZE_CACHE_10,
  CDB.SYNCHRONIZE_CACHE_16,
  CDB.UNMAP,
]);
