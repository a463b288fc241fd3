import { register } from '../../core/register.ts';
import { OPTIONAL_CDB } from '../optional/registers.ts';
import * as shape from '../registers.ts';
import { byOpcode, type Cdb, cdb } from './cdb.ts';

export type { Cdb };

export const SERVICE_ACTION = register('service action', 1, 1, { ACTION: { at: [4, 0] } });

const { EVPD } = shape.INQUIRY_FLAGS.mask;
const { DESC } = shape.REQUEST_SENSE_FLAGS.mask;
const { DBD, LLBAA } = shape.MODE_SENSE_FLAGS.mask;
const { IMMED } = shape.SYNCHRONIZE_FLAGS.mask;
const { ANCHOR } = shape.UNMAP_FLAGS.mask;
const { RCTD, OPTIONS } = shape.REPORT_OPTIONS.mask;
const { PROTECT, DPO, FUA, RARC } = shape.TRANSFER_FLAGS.mask;
const { GROUP } = shape.GROUP_NUMBER.mask;

const U8 = 0xff;
const U16 = 0xffff;
const U32 = 0xffff_ffff;
const U64 = 0xffff_ffff_ffff_ffffn;
const WRITE_FLAGS = PROTECT | DPO | FUA;
const READ_FLAGS = WRITE_FLAGS | RARC;

// Usage maps: all bits of a field that is evaluated. No DPO, no FUA, no protection, no group, no NACA: those
// bits are clear in every map, so they are refused everywhere and reported nowhere.
export const CDB = {
  TEST_UNIT_READY: cdb('TEST UNIT READY', shape.CDB_6, { operation: 0x00 }),
  REQUEST_SENSE: cdb(
    'REQUEST SENSE',
    shape.REQUEST_SENSE,
    { operation: 0x03, flags: DESC, allocation: U8 },
    { data: 'in' },
  ),
  READ_6: blocks6('READ(6)', 0x08, 'in'),
  WRITE_6: blocks6('WRITE(6)', 0x0a, 'out'),
  INQUIRY: cdb(
    'INQUIRY',
    shape.INQUIRY,
    { operation: 0x12, flags: EVPD, page: U8, allocation: U16 },
    { data: 'in' },
  ),
  MODE_SENSE_6: cdb(
    'MODE SENSE(6)',
    shape.MODE_SENSE_6,
    { operation: 0x1a, flags: DBD, page: U8, subpage: U8, allocation: U8 },
    { data: 'in' },
  ),
  READ_CAPACITY_10: cdb('READ CAPACITY(10)', shape.BLOCKS_10, { operation: 0x25 }, { data: 'in' }),
  READ_10: blocks10('READ(10)', 0x28, 'in', READ_FLAGS),
  WRITE_10: blocks10('WRITE(10)', 0x2a, 'out', WRITE_FLAGS),
  SYNCHRONIZE_CACHE_10: cdb(
    'SYNCHRONIZE CACHE(10)',
    shape.BLOCKS_10,
    { operation: 0x35, flags: IMMED, lba: U32, blocks: U16 },
    { denied: shape.BLOCKS_10.encode({ group: GROUP }) },
  ),
  UNMAP: cdb(
    'UNMAP',
    shape.UNMAP,
    { operation: 0x42, length: U16 },
    { data: 'out', denied: shape.UNMAP.encode({ flags: ANCHOR, group: GROUP }) },
  ),
  MODE_SENSE_10: cdb(
    'MODE SENSE(10)',
    shape.MODE_SENSE_10,
    { operation: 0x5a, flags: DBD | LLBAA, page: U8, subpage: U8, allocation: U16 },
    { data: 'in' },
  ),
  READ_16: blocks16('READ(16)', 0x88, 'in', READ_FLAGS),
  WRITE_16: blocks16('WRITE(16)', 0x8a, 'out', WRITE_FLAGS),
  SYNCHRONIZE_CACHE_16: cdb(
    'SYNCHRONIZE CACHE(16)',
    shape.BLOCKS_16,
    { operation: 0x91, flags: IMMED, lba: U64, blocks: U32 },
    { denied: shape.BLOCKS_16.encode({ group: GROUP }) },
  ),
  READ_CAPACITY_16: cdb(
    'READ CAPACITY(16)',
    shape.READ_CAPACITY_16,
    { operation: 0x9e, action: 0x10, allocation: U32 },
    { data: 'in', action: 0x10 },
  ),
  REPORT_LUNS: cdb(
    'REPORT LUNS',
    shape.REPORT_LUNS,
    { operation: 0xa0, select: U8, allocation: U32 },
    { data: 'in' },
  ),
  REPORT_OPERATIONS: cdb(
    'REPORT SUPPORTED OPERATION CODES',
    shape.REPORT_OPERATIONS,
    {
      operation: 0xa3,
      action: 0x0c,
      options: RCTD | OPTIONS,
      requested_operation: U8,
      requested_action: U16,
      allocation: U32,
    },
    { data: 'in', action: 0x0c },
  ),
  READ_12: blocks12('READ(12)', 0xa8, 'in', READ_FLAGS),
  WRITE_12: blocks12('WRITE(12)', 0xaa, 'out', WRITE_FLAGS),
} as const satisfies Record<string, Cdb>;

/** Commands of a disk that several machines write to, by service action. */
export const RESERVE_CDB = {
  READ_KEYS: reserveIn('READ KEYS', 0x00),
  READ_RESERVATION: reserveIn('READ RESERVATION', 0x01),
  REPORT_CAPABILITIES: reserveIn('REPORT CAPABILITIES', 0x02),
  READ_FULL_STATUS: reserveIn('READ FULL STATUS', 0x03),
  REGISTER: reserveOut('REGISTER', 0x00),
  RESERVE: reserveOut('RESERVE', 0x01),
  RELEASE: reserveOut('RELEASE', 0x02),
  CLEAR: reserveOut('CLEAR', 0x03),
  PREEMPT: reserveOut('PREEMPT', 0x04),
  PREEMPT_AND_ABORT: reserveOut('PREEMPT AND ABORT', 0x05),
  REGISTER_AND_IGNORE: reserveOut('REGISTER AND IGNORE EXISTING KEY', 0x06),
  REGISTER_AND_MOVE: reserveOut('REGISTER AND MOVE', 0x07),
} as const satisfies Record<string, Cdb>;

const BY_OPCODE = byOpcode<Cdb>([CDB, RESERVE_CDB, OPTIONAL_CDB].flatMap((set) => Object.values(set)));

/** The command in these bytes; null if unknown. */
export function cdbOf(bytes: Uint8Array): Cdb | null {
  const { offset, mask } = SERVICE_ACTION;
  const action = bytes[offset]! & mask.ACTION;
  for (const one of BY_OPCODE[bytes[0]!]!) if (one.action === null || one.action === action) return one;
  return null;
}

/** The name in the standards: `READ(10)`; for opcodes that no unit here supports, `opcode a3`. */
export function commandName(bytes: Uint8Array): string {
  return cdbOf(bytes)?.name ?? `opcode ${bytes[0]!.toString(16).padStart(2, '0')}`;
}

function blocks6(name: string, operation: number, data: 'in' | 'out'): Cdb {
  return cdb(name, shape.BLOCKS_6, { operation, lba_high: 0x1f, lba_low: U16, blocks: U8 }, { data });
}

function blocks10(name: string, operation: number, data: 'in' | 'out', flags: number): Cdb {
  const denied = shape.BLOCKS_10.encode({ flags, group: GROUP });
  return cdb(name, shape.BLOCKS_10, { operation, lba: U32, blocks: U16 }, { data, denied });
}

function blocks12(name: string, operation: number, data: 'in' | 'out', flags: number): Cdb {
  const denied = shape.BLOCKS_12.encode({ flags, group: GROUP });
  return cdb(name, shape.BLOCKS_12, { operation, lba: U32, blocks: U32 }, { data, denied });
}

function blocks16(name: string, operation: number, data: 'in' | 'out', flags: number): Cdb {
  const denied = shape.BLOCKS_16.encode({ flags, group: GROUP });
  return cdb(name, shape.BLOCKS_16, { operation, lba: U64, blocks: U32 }, { data, denied });
}

function reserveIn(name: string, action: number): Cdb {
  const usage = { operation: 0x5e, action, allocation: U16 };
  return cdb(`PERSISTENT RESERVE IN, ${name}`, shape.RESERVE_IN, usage, { data: 'in', action });
}

function reserveOut(name: string, action: number): Cdb {
  const usage = { operation: 0x5f, action, scope_type: U8, length: U32 };
  return cdb(`PERSISTENT RESERVE OUT, ${name}`, shape.RESERVE_OUT, usage, { data: 'out', action });
}
