import { register } from '../core/register.ts';
import { struct } from '../core/struct.ts';

// Command descriptor blocks. The 10, 12 and 16 byte shapes serve every command that names blocks:
// READ, WRITE, SYNCHRONIZE CACHE, READ CAPACITY(10).

const one = { bytes: 1 } as const;
const two = { bytes: 2 } as const;
const three = { bytes: 3 } as const;

export const CDB_6 = struct('CDB(6)', 'be', { operation: 'u8', reserved: { bytes: 4 }, control: 'u8' });
/** `lba` has 21 bits: the low five of `lba_high`, then `lba_low`. */
export const BLOCKS_6 = struct('blocks CDB(6)', 'be', {
  operation: 'u8',
  lba_high: 'u8',
  lba_low: 'u16',
  blocks: 'u8',
  control: 'u8',
});
export const BLOCKS_10 = struct('blocks CDB(10)', 'be', {
  operation: 'u8',
  flags: 'u8',
  lba: 'u32',
  group: 'u8',
  blocks: 'u16',
  control: 'u8',
});
export const BLOCKS_12 = struct('blocks CDB(12)', 'be', {
  operation: 'u8',
  flags: 'u8',
  lba: 'u32',
  blocks: 'u32',
  group: 'u8',
  control: 'u8',
});
export const BLOCKS_16 = struct('blocks CDB(16)', 'be', {
  operation: 'u8',
  flags: 'u8',
  lba: 'u64',
  blocks: 'u32',
  group: 'u8',
  control: 'u8',
});
export const REQUEST_SENSE = struct('REQUEST SENSE', 'be', {
  operation: 'u8',
  flags: 'u8',
  reserved: two,
  allocation: 'u8',
  control: 'u8',
});
export const INQUIRY = struct('INQUIRY', 'be', {
  operation: 'u8',
  flags: 'u8',
  page: 'u8',
  allocation: 'u16',
  control: 'u8',
});
export const MODE_SENSE_6 = struct('MODE SENSE(6)', 'be', {
  operation: 'u8',
  flags: 'u8',
  page: 'u8',
  subpage: 'u8',
  allocation: 'u8',
  control: 'u8',
});
export const MODE_SENSE_10 = struct('MODE SENSE(10)', 'be', {
  operation: 'u8',
  flags: 'u8',
  page: 'u8',
  subpage: 'u8',
  reserved: three,
  allocation: 'u16',
  control: 'u8',
});
export const UNMAP = struct('UNMAP', 'be', {
  operation: 'u8',
  flags: 'u8',
  reserved: { bytes: 4 },
  group: 'u8',
  length: 'u16',
  control: 'u8',
});
/** SERVICE ACTION IN(16) as used by READ CAPACITY(16). */
export const READ_CAPACITY_16 = struct('READ CAPACITY(16)', 'be', {
  operation: 'u8',
  action: 'u8',
  lba: 'u64',
  allocation: 'u32',
  flags: 'u8',
  control: 'u8',
});
export const REPORT_LUNS = struct('REPORT LUNS', 'be', {
  operation: 'u8',
  reserved1: one,
  select: 'u8',
  reserved3: three,
  allocation: 'u32',
  reserved10: one,
  control: 'u8',
});
export const REPORT_OPERATIONS = struct('REPORT SUPPORTED OPERATION CODES', 'be', {
  operation: 'u8',
  action: 'u8',
  options: 'u8',
  requested_operation: 'u8',
  requested_action: 'u16',
  allocation: 'u32',
  reserved: one,
  control: 'u8',
});
export const RESERVE_IN = struct('PERSISTENT RESERVE IN', 'be', {
  operation: 'u8',
  action: 'u8',
  reserved: { bytes: 5 },
  allocation: 'u16',
  control: 'u8',
});
export const RESERVE_OUT = struct('PERSISTENT RESERVE OUT', 'be', {
  operation: 'u8',
  action: 'u8',
  scope_type: 'u8',
  reserved: two,
  length: 'u32',
  control: 'u8',
});

export const TRANSFER_FLAGS = register('READ/WRITE flags', 1, 1, {
  PROTECT: { at: [7, 5], doc: 'RDPROTECT or WRPROTECT' },
  DPO: { at: 4 },
  FUA: { at: 3 },
  RARC: { at: 2 },
});
export const CONTROL = register('control', 0, 1, { NACA: { at: 2 }, LINK: { at: 0, doc: 'obsolete' } });
export const GROUP_NUMBER = register('group number', 6, 1, { GROUP: { at: [4, 0] } });
export const UNMAP_FLAGS = register('UNMAP flags', 1, 1, { ANCHOR: { at: 0 } });
export const SYNCHRONIZE_FLAGS = register('SYNCHRONIZE CACHE flags', 1, 1, { IMMED: { at: 1 } });
export const REQUEST_SENSE_FLAGS = register('REQUEST SENSE flags', 1, 1, { DESC: { at: 0 } });
export const INQUIRY_FLAGS = register('INQUIRY flags', 1, 1, { EVPD: { at: 0 } });
export const MODE_SENSE_FLAGS = register('MODE SENSE flags', 1, 1, {
  DBD: { at: 3, doc: 'no block descriptor' },
  LLBAA: { at: 4, doc: 'long block descriptor accepted, MODE SENSE(10) only' },
});
export const MODE_PAGE = register('mode page', 2, 1, {
  PC: { at: [7, 6], doc: '0 current, 1 changeable, 2 default, 3 saved' },
  PAGE: { at: [5, 0] },
});
export const SCOPE_TYPE = register('scope and type', 2, 1, {
  SCOPE: { at: [7, 4], doc: '0 the logical unit' },
  TYPE: {
    at: [3, 0],
    doc: '1 write exclusive, 3 exclusive access; 5, 6 the same, registrants only; 7, 8 the same, all registrants',
  },
});
export const REPORT_OPTIONS = register('reporting options', 2, 1, {
  RCTD: { at: 7, doc: 'with a timeouts descriptor' },
  OPTIONS: { at: [2, 0], doc: '0 all, 1 one opcode, 2 opcode and service action, 3 either' },
});

// Sense data.

export const FIXED_SENSE = struct('fixed format sense data', 'be', {
  response: 'u8',
  reserved: one,
  key: 'u8',
  information: 'u32',
  additional: 'u8',
  command_specific: 'u32',
  asc: 'u8',
  ascq: 'u8',
  fru: 'u8',
  key_specific: 'u8',
  field: 'u16',
});
export const DESCRIPTOR_SENSE = struct('descriptor format sense data', 'be', {
  response: 'u8',
  key: 'u8',
  asc: 'u8',
  ascq: 'u8',
  flags: three,
  additional: 'u8',
});
export const INFORMATION_SENSE = struct('information sense data descriptor', 'be', {
  type: 'u8',
  length: 'u8',
  valid: 'u8',
  reserved: one,
  information: 'u64',
});
export const KEY_SPECIFIC_SENSE = struct('sense-key specific sense data descriptor', 'be', {
  type: 'u8',
  length: 'u8',
  reserved2: two,
  key_specific: 'u8',
  field: 'u16',
  reserved7: one,
});
export const SENSE_RESPONSE = register('sense response code', 0, 1, {
  VALID: { at: 7, doc: 'the information field is set' },
  CODE: { at: [6, 0], doc: '70 fixed, 72 descriptor; 71 and 73 deferred' },
});
export const FIELD_POINTER = register('sense-key specific, illegal request', 15, 1, {
  SKSV: { at: 7 },
  CD: { at: 6, doc: 'the field is in the CDB, not in the parameter list' },
  BPV: { at: 3 },
  BIT: { at: [2, 0] },
});

/** Maximum blocks of one READ or WRITE: seen on GCE in VPD B0. */
export const MAX_TRANSFER = 512;
/** Limits of one UNMAP. GCE's were never observed; these are the largest that a guest may rely on everywhere. */
export const MAX_UNMAP_BLOCKS = 0x10_0000;
export const MAX_UNMAP_DESCRIPTORS = 255;
/** Blocks of one COMPARE AND WRITE, and of one WRITE SAME, of a disk with all commands. */
export const MAX_COMPARE = 0xff;
export const MAX_WRITE_SAME = 0xffff;
/** Logical blocks in a physical one, as a power of two: 4096 bytes. */
export const PHYSICAL_EXPONENT = 3;
export const PHYSICAL_BLOCKS = 1 << PHYSICAL_EXPONENT;
/** What every logical unit reports of itself. */
export const UNIT_LIMITS = {
  transfer: MAX_TRANSFER,
  unmapBlocks: MAX_UNMAP_BLOCKS,
  unmapDescriptors: MAX_UNMAP_DESCRIPTORS,
  physical: PHYSICAL_BLOCKS,
};
