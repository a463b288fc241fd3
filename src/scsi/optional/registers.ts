import { register } from '../../core/register.ts';
import { struct } from '../../core/struct.ts';
import { type Cdb, cdb } from '../cdb/cdb.ts';
import * as shape from '../registers.ts';
import { LOG_CDB } from './logs/registers.ts';

// Commands that a PersistentDisk is not known to have, and a disk with `commands: 'all'` has.

const one = { bytes: 1 } as const;
const two = { bytes: 2 } as const;
const three = { bytes: 3 } as const;

export const FORMAT_UNIT = struct('FORMAT UNIT', 'be', {
  operation: 'u8',
  flags: 'u8',
  reserved: three,
  control: 'u8',
});
export const MODE_SELECT_6 = struct('MODE SELECT(6)', 'be', {
  operation: 'u8',
  flags: 'u8',
  reserved: two,
  length: 'u8',
  control: 'u8',
});
export const MODE_SELECT_10 = struct('MODE SELECT(10)', 'be', {
  operation: 'u8',
  flags: 'u8',
  reserved: { bytes: 5 },
  length: 'u16',
  control: 'u8',
});
export const START_STOP = struct('START STOP UNIT', 'be', {
  operation: 'u8',
  immediate: 'u8',
  reserved: one,
  modifier: 'u8',
  start: 'u8',
  control: 'u8',
});
export const DIAGNOSTIC = struct('SEND DIAGNOSTIC', 'be', {
  operation: 'u8',
  flags: 'u8',
  reserved: one,
  length: 'u16',
  control: 'u8',
});
export const DEFECTS_10 = struct('READ DEFECT DATA(10)', 'be', {
  operation: 'u8',
  reserved1: one,
  lists: 'u8',
  reserved3: { bytes: 4 },
  allocation: 'u16',
  control: 'u8',
});
export const DEFECTS_12 = struct('READ DEFECT DATA(12)', 'be', {
  operation: 'u8',
  lists: 'u8',
  index: 'u32',
  allocation: 'u32',
  reserved: one,
  control: 'u8',
});
export const SANITIZE = struct('SANITIZE', 'be', {
  operation: 'u8',
  action: 'u8',
  reserved: { bytes: 5 },
  length: 'u16',
  control: 'u8',
});
/** COMPARE AND WRITE counts blocks in one byte. */
export const COMPARE_AND_WRITE = struct('COMPARE AND WRITE', 'be', {
  operation: 'u8',
  flags: 'u8',
  lba: 'u64',
  reserved: three,
  blocks: 'u8',
  group: 'u8',
  control: 'u8',
});
export const WRITE_ATOMIC_16 = struct('WRITE ATOMIC(16)', 'be', {
  operation: 'u8',
  flags: 'u8',
  lba: 'u64',
  boundary: 'u16',
  blocks: 'u16',
  group: 'u8',
  control: 'u8',
});
export const REPORT_FUNCTIONS = struct('REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS', 'be', {
  operation: 'u8',
  action: 'u8',
  options: 'u8',
  reserved3: three,
  allocation: 'u32',
  reserved10: one,
  control: 'u8',
});

export const FORMAT_FLAGS = register('FORMAT UNIT flags', 1, 1, {
  FMTPINFO: { at: [7, 6] },
  LONGLIST: { at: 5, doc: 'the header of the list has 8 bytes' },
  FMTDATA: { at: 4, doc: 'there is a list' },
  CMPLST: { at: 3 },
  FORMAT: { at: [2, 0] },
});
export const VERIFY_FLAGS = register('VERIFY flags', 1, 1, {
  PROTECT: { at: [7, 5] },
  DPO: { at: 4 },
  BYTCHK: { at: [2, 1], doc: '0 the medium alone, 1 all blocks are compared, 3 each is compared with one' },
});
export const WRITE_SAME_FLAGS = register('WRITE SAME flags', 1, 1, {
  PROTECT: { at: [7, 5] },
  ANCHOR: { at: 4 },
  UNMAP: { at: 3 },
  NDOB: { at: 0, doc: 'no data: zeros. WRITE SAME(16) only' },
});
export const MODE_SELECT_FLAGS = register('MODE SELECT flags', 1, 1, {
  PF: { at: 4, doc: 'pages as the standard has them' },
  SP: { at: 0, doc: 'save them' },
});
export const START_FLAGS = register('START STOP UNIT byte 4', 4, 1, {
  POWER_CONDITION: { at: [7, 4] },
  NO_FLUSH: { at: 2 },
  LOEJ: { at: 1 },
  START: { at: 0 },
});
export const DIAGNOSTIC_FLAGS = register('SEND DIAGNOSTIC flags', 1, 1, {
  SELF_TEST_CODE: { at: [7, 5] },
  PF: { at: 4 },
  SELFTEST: { at: 2 },
  DEVOFFL: { at: 1 },
  UNITOFFL: { at: 0 },
});
export const DEFECT_LISTS = register('defect lists', 2, 1, {
  PLIST: { at: 4, doc: 'REQ_PLIST' },
  GLIST: { at: 3, doc: 'REQ_GLIST' },
  FORMAT: { at: [2, 0] },
});
export const SANITIZE_FLAGS = register('SANITIZE flags', 1, 1, {
  IMMED: { at: 7 },
  AUSE: { at: 5 },
});

const { GROUP } = shape.GROUP_NUMBER.mask;
const { IMMED } = shape.SYNCHRONIZE_FLAGS.mask;
const { PROTECT, DPO, FUA } = shape.TRANSFER_FLAGS.mask;
const { FMTPINFO, LONGLIST, FMTDATA, CMPLST } = FORMAT_FLAGS.mask;
const { BYTCHK } = VERIFY_FLAGS.mask;
const { ANCHOR, UNMAP, NDOB } = WRITE_SAME_FLAGS.mask;
const { PF } = MODE_SELECT_FLAGS.mask;
const { NO_FLUSH, START } = START_FLAGS.mask;

const U8 = 0xff;
const U16 = 0xffff;
const U32 = 0xffff_ffff;
const U64 = 0xffff_ffff_ffff_ffffn;

export const OPTIONAL_CDB = {
  FORMAT_UNIT: cdb(
    'FORMAT UNIT',
    FORMAT_UNIT,
    { operation: 0x04, flags: LONGLIST | FMTDATA | CMPLST },
    { data: 'out', denied: FORMAT_UNIT.encode({ flags: FMTPINFO }) },
  ),
  MODE_SELECT_6: cdb(
    'MODE SELECT(6)',
    MODE_SELECT_6,
    { operation: 0x15, flags: PF, length: U8 },
    { data: 'out', denied: MODE_SELECT_6.encode({ flags: MODE_SELECT_FLAGS.mask.SP }) },
  ),
  RESERVE_6: cdb('RESERVE(6)', shape.CDB_6, { operation: 0x16 }),
  RELEASE_6: cdb('RELEASE(6)', shape.CDB_6, { operation: 0x17 }),
  START_STOP: cdb('START STOP UNIT', START_STOP, { operation: 0x1b, immediate: 1, start: NO_FLUSH | START }),
  SEND_DIAGNOSTIC: cdb('SEND DIAGNOSTIC', DIAGNOSTIC, { operation: 0x1d, flags: U8 & ~(1 << 3) }),
  PREVENT_ALLOW: cdb('PREVENT ALLOW MEDIUM REMOVAL', START_STOP, { operation: 0x1e, start: 1 }),
  WRITE_AND_VERIFY_10: verifies10('WRITE AND VERIFY(10)', 0x2e),
  VERIFY_10: verifies10('VERIFY(10)', 0x2f),
  PRE_FETCH_10: cdb('PRE-FETCH(10)', shape.BLOCKS_10, {
    operation: 0x34,
    flags: IMMED,
    lba: U32,
    blocks: U16,
  }),
  READ_DEFECT_DATA_10: cdb(
    'READ DEFECT DATA(10)',
    DEFECTS_10,
    { operation: 0x37, lists: 0x1f, allocation: U16 },
    { data: 'in' },
  ),
  WRITE_SAME_10: cdb(
    'WRITE SAME(10)',
    shape.BLOCKS_10,
    { operation: 0x41, flags: UNMAP, lba: U32, blocks: U16 },
    { data: 'out', denied: shape.BLOCKS_10.encode({ flags: PROTECT | ANCHOR, group: GROUP }) },
  ),
  SANITIZE_OVERWRITE: sanitizes('SANITIZE, OVERWRITE', 0x01, U16),
  SANITIZE_BLOCK_ERASE: sanitizes('SANITIZE, BLOCK ERASE', 0x02, 0),
  SANITIZE_CRYPTO_ERASE: sanitizes('SANITIZE, CRYPTOGRAPHIC ERASE', 0x03, 0),
  SANITIZE_EXIT: sanitizes('SANITIZE, EXIT FAILURE MODE', 0x1f, 0),
  ...LOG_CDB,
  MODE_SELECT_10: cdb(
    'MODE SELECT(10)',
    MODE_SELECT_10,
    { operation: 0x55, flags: PF, length: U16 },
    { data: 'out', denied: MODE_SELECT_10.encode({ flags: MODE_SELECT_FLAGS.mask.SP }) },
  ),
  RESERVE_10: cdb('RESERVE(10)', shape.BLOCKS_10, { operation: 0x56 }),
  RELEASE_10: cdb('RELEASE(10)', shape.BLOCKS_10, { operation: 0x57 }),
  COMPARE_AND_WRITE: cdb(
    'COMPARE AND WRITE',
    COMPARE_AND_WRITE,
    { operation: 0x89, flags: DPO | FUA, lba: U64, blocks: U8 },
    { data: 'out', denied: COMPARE_AND_WRITE.encode({ flags: PROTECT, group: GROUP }) },
  ),
  ORWRITE_16: cdb(
    'ORWRITE(16)',
    shape.BLOCKS_16,
    { operation: 0x8b, flags: DPO | FUA, lba: U64, blocks: U32 },
    { data: 'out', denied: shape.BLOCKS_16.encode({ flags: PROTECT, group: GROUP }) },
  ),
  WRITE_AND_VERIFY_16: verifies16('WRITE AND VERIFY(16)', 0x8e),
  VERIFY_16: verifies16('VERIFY(16)', 0x8f),
  PRE_FETCH_16: cdb('PRE-FETCH(16)', shape.BLOCKS_16, {
    operation: 0x90,
    flags: IMMED,
    lba: U64,
    blocks: U32,
  }),
  WRITE_SAME_16: cdb(
    'WRITE SAME(16)',
    shape.BLOCKS_16,
    { operation: 0x93, flags: UNMAP | NDOB, lba: U64, blocks: U32 },
    { data: 'out', denied: shape.BLOCKS_16.encode({ flags: PROTECT | ANCHOR, group: GROUP }) },
  ),
  WRITE_ATOMIC_16: cdb(
    'WRITE ATOMIC(16)',
    WRITE_ATOMIC_16,
    { operation: 0x9c, flags: DPO | FUA, lba: U64, boundary: U16, blocks: U16 },
    { data: 'out', denied: WRITE_ATOMIC_16.encode({ flags: PROTECT, group: GROUP }) },
  ),
  GET_LBA_STATUS: cdb(
    'GET LBA STATUS',
    shape.READ_CAPACITY_16,
    { operation: 0x9e, action: 0x12, lba: U64, allocation: U32 },
    { data: 'in', action: 0x12 },
  ),
  REPORT_FUNCTIONS: cdb(
    'REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS',
    REPORT_FUNCTIONS,
    { operation: 0xa3, action: 0x0d, options: 0x80, allocation: U32 },
    { data: 'in', action: 0x0d },
  ),
  WRITE_AND_VERIFY_12: verifies12('WRITE AND VERIFY(12)', 0xae),
  VERIFY_12: verifies12('VERIFY(12)', 0xaf),
  READ_DEFECT_DATA_12: cdb(
    'READ DEFECT DATA(12)',
    DEFECTS_12,
    { operation: 0xb7, lists: 0x1f, index: U32, allocation: U32 },
    { data: 'in' },
  ),
} as const satisfies Record<string, Cdb>;

function verifies10(name: string, operation: number): Cdb {
  const denied = shape.BLOCKS_10.encode({ flags: PROTECT, group: GROUP });
  const usage = { operation, flags: DPO | BYTCHK, lba: U32, blocks: U16 };
  return cdb(name, shape.BLOCKS_10, usage, { data: 'out', denied });
}

function verifies12(name: string, operation: number): Cdb {
  const denied = shape.BLOCKS_12.encode({ flags: PROTECT, group: GROUP });
  const usage = { operation, flags: DPO | BYTCHK, lba: U32, blocks: U32 };
  return cdb(name, shape.BLOCKS_12, usage, { data: 'out', denied });
}

function verifies16(name: string, operation: number): Cdb {
  const denied = shape.BLOCKS_16.encode({ flags: PROTECT, group: GROUP });
  const usage = { operation, flags: DPO | BYTCHK, lba: U64, blocks: U32 };
  return cdb(name, shape.BLOCKS_16, usage, { data: 'out', denied });
}

function sanitizes(name: string, action: number, length: number): Cdb {
  const usage = { operation: 0x48, action: SANITIZE_FLAGS.encode({ IMMED: 1, AUSE: 1 }) | action, length };
  return cdb(name, SANITIZE, usage, { action, ...(length > 0 && { data: 'out' }) });
}
