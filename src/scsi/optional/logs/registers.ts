import { register } from '../../../core/register.ts';
import { struct } from '../../../core/struct.ts';
import { type Cdb, cdb } from '../../cdb/cdb.ts';

// LOG SELECT and LOG SENSE, and their pages.

const one = { bytes: 1 } as const;

export const LOG_SENSE = struct('LOG SENSE', 'be', {
  operation: 'u8',
  flags: 'u8',
  page: 'u8',
  subpage: 'u8',
  reserved: one,
  pointer: 'u16',
  allocation: 'u16',
  control: 'u8',
});
export const LOG_SELECT = struct('LOG SELECT', 'be', {
  operation: 'u8',
  flags: 'u8',
  page: 'u8',
  subpage: 'u8',
  reserved: { bytes: 3 },
  length: 'u16',
  control: 'u8',
});
export const LOG_SELECT_FLAGS = register('LOG SELECT flags', 1, 1, {
  PCR: { at: 1, doc: 'all parameters are reset' },
  SP: { at: 0, doc: 'save them' },
});
export const LOG_PAGE = register('log page', 2, 1, { PC: { at: [7, 6] }, PAGE: { at: [5, 0] } });
/** Parameter data of LOG SENSE. */
export const LOG_HEADER = struct('log page header', 'be', { page: 'u8', subpage: 'u8', length: 'u16' });
export const LOG_PARAMETER = struct('log parameter header', 'be', {
  code: 'u16',
  control: 'u8',
  length: 'u8',
});
export const SELF_TEST_RESULT = struct('self-test result log parameter', 'be', {
  code_and_result: 'u8',
  number: 'u8',
  hours: 'u16',
  first_failure: 'u64',
  key: 'u8',
  asc: 'u8',
  ascq: 'u8',
  vendor_specific: one,
});

const U8 = 0xff;
const U16 = 0xffff;

export const LOG_CDB = {
  LOG_SELECT: cdb(
    'LOG SELECT',
    LOG_SELECT,
    { operation: 0x4c, flags: LOG_SELECT_FLAGS.mask.PCR, page: U8, subpage: U8, length: U16 },
    { data: 'out', denied: LOG_SELECT.encode({ flags: LOG_SELECT_FLAGS.mask.SP }) },
  ),
  LOG_SENSE: cdb(
    'LOG SENSE',
    LOG_SENSE,
    { operation: 0x4d, page: U8, subpage: U8, pointer: U16, allocation: U16 },
    { data: 'in' },
  ),
} as const satisfies Record<string, Cdb>;
