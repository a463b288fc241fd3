import { register } from '../../core/register.ts';
import { struct } from '../../core/struct.ts';

// Parameter data: answers of commands, and their parameter lists.

const one = { bytes: 1 } as const;
const two = { bytes: 2 } as const;

export const STANDARD_INQUIRY = struct('standard INQUIRY data', 'be', {
  peripheral: 'u8',
  removable: 'u8',
  version: 'u8',
  format: 'u8',
  additional: 'u8',
  flags5: 'u8',
  flags6: 'u8',
  flags7: 'u8',
  vendor: { bytes: 8 },
  product: { bytes: 16 },
  revision: { bytes: 4 },
  vendor_specific: { bytes: 20 },
  reserved56: two,
  standard1: 'u16',
  standard2: 'u16',
  standard3: 'u16',
  standards: { bytes: 10 },
  reserved74: { bytes: 22 },
});
export const INQUIRY_FORMAT = register('INQUIRY byte 3', 3, 1, {
  NORMACA: { at: 5 },
  HISUP: { at: 4 },
  FORMAT: { at: [3, 0] },
});
export const INQUIRY_FLAGS7 = register('INQUIRY byte 7', 7, 1, { CMDQUE: { at: 1 } });

export const VPD_HEADER = struct('VPD page header', 'be', { peripheral: 'u8', page: 'u8', length: 'u16' });
export const DESIGNATOR = struct('designator header', 'be', {
  code_set: 'u8',
  type: 'u8',
  reserved: one,
  length: 'u8',
});
export const EXTENDED_INQUIRY = struct('VPD 86, extended INQUIRY data', 'be', {
  peripheral: 'u8',
  page: 'u8',
  length: 'u16',
  flags4: 'u8',
  flags5: 'u8',
  flags6: 'u8',
  reserved: { bytes: 57 },
});
export const EXTENDED_INQUIRY_FLAGS5 = register('extended INQUIRY byte 5', 5, 1, {
  HEADSUP: { at: 2, doc: 'task attribute HEAD OF QUEUE' },
  ORDSUP: { at: 1, doc: 'task attribute ORDERED' },
  SIMPSUP: { at: 0, doc: 'task attribute SIMPLE' },
});
export const EXTENDED_INQUIRY_FLAGS6 = register('extended INQUIRY byte 6', 6, 1, {
  V_SUP: { at: 0, doc: 'volatile cache' },
});
export const BLOCK_LIMITS = struct('VPD B0, block limits', 'be', {
  peripheral: 'u8',
  page: 'u8',
  length: 'u16',
  wsnz: 'u8',
  max_compare_and_write: 'u8',
  optimal_granularity: 'u16',
  max_transfer: 'u32',
  optimal_transfer: 'u32',
  max_prefetch: 'u32',
  max_unmap_blocks: 'u32',
  max_unmap_descriptors: 'u32',
  unmap_granularity: 'u32',
  unmap_alignment: 'u32',
  max_write_same: 'u64',
  max_atomic: 'u32',
  atomic: { bytes: 16 },
});
export const BLOCK_CHARACTERISTICS = struct('VPD B1, block device characteristics', 'be', {
  peripheral: 'u8',
  page: 'u8',
  length: 'u16',
  rotation_rate: 'u16',
  product: 'u8',
  flags7: 'u8',
  reserved: { bytes: 56 },
});
export const ERASED = register('VPD B1 byte 7', 7, 1, {
  WABEREQ: { at: [7, 6], doc: 'after SANITIZE, BLOCK ERASE: 1 blocks can be read' },
  WACEREQ: { at: [5, 4], doc: 'after CRYPTOGRAPHIC ERASE' },
});
export const PROVISIONING = struct('VPD B2, logical block provisioning', 'be', {
  peripheral: 'u8',
  page: 'u8',
  length: 'u16',
  threshold: 'u8',
  flags: 'u8',
  type: 'u8',
  percentage: 'u8',
});
export const PROVISIONING_FLAGS = register('provisioning flags', 5, 1, {
  LBPU: { at: 7, doc: 'UNMAP' },
  LBPWS: { at: 6, doc: 'WRITE SAME(16) with UNMAP' },
  LBPWS10: { at: 5 },
  LBPRZ: { at: [4, 2], doc: 'xx1: unmapped blocks read zero' },
  ANC_SUP: { at: 1 },
  DP: { at: 0 },
});

export const CAPACITY_10 = struct('READ CAPACITY(10) data', 'be', { last: 'u32', block_length: 'u32' });
export const CAPACITY_16 = struct('READ CAPACITY(16) data', 'be', {
  last: 'u64',
  block_length: 'u32',
  protection: 'u8',
  exponent: 'u8',
  alignment: 'u16',
  reserved: { bytes: 16 },
});
export const CAPACITY_ALIGNMENT = register('READ CAPACITY(16) bytes 14 and 15', 14, 2, {
  LBPME: { at: 15 },
  LBPRZ: { at: 14 },
  LOWEST_ALIGNED: { at: [13, 0] },
});

export const MODE_HEADER_6 = struct('mode parameter header(6)', 'be', {
  length: 'u8',
  medium: 'u8',
  device: 'u8',
  descriptors: 'u8',
});
export const MODE_HEADER_10 = struct('mode parameter header(10)', 'be', {
  length: 'u16',
  medium: 'u8',
  device: 'u8',
  long_lba: 'u8',
  reserved: one,
  descriptors: 'u16',
});
export const MODE_DEVICE = register('device-specific parameter', 2, 1, {
  WP: { at: 7, doc: 'write protected' },
  DPOFUA: { at: 4 },
});
/** `block_length` has 24 bits; the byte above is reserved. */
export const BLOCK_DESCRIPTOR = struct('short LBA mode parameter block descriptor', 'be', {
  blocks: 'u32',
  block_length: 'u32',
});
export const CACHING_PAGE = struct('mode page 08, caching', 'be', {
  page: 'u8',
  length: 'u8',
  flags: 'u8',
  reserved: { bytes: 17 },
});
export const CONTROL_PAGE = struct('mode page 0A, control', 'be', {
  page: 'u8',
  length: 'u8',
  flags2: 'u8',
  flags3: 'u8',
  flags4: 'u8',
  reserved: { bytes: 7 },
});
export const CONTROL_FLAGS2 = register('control mode page, byte 2', 2, 1, {
  D_SENSE: { at: 2, doc: 'sense data in descriptor format' },
});
export const CONTROL_SWP = register('control mode page, byte 4', 4, 1, {
  SWP: { at: 3, doc: 'software write protect' },
});
export const CACHING_FLAGS = register('caching flags', 2, 1, { WCE: { at: 2 }, RCD: { at: 0 } });

export const LBA_STATUS = struct('GET LBA STATUS data with one descriptor', 'be', {
  length: 'u32',
  reserved4: { bytes: 4 },
  lba: 'u64',
  blocks: 'u32',
  status: 'u8',
  reserved21: { bytes: 3 },
});
export const UNMAP_LIST = struct('UNMAP parameter list header', 'be', {
  length: 'u16',
  descriptors: 'u16',
  reserved: { bytes: 4 },
});
export const UNMAP_DESCRIPTOR = struct('UNMAP block descriptor', 'be', {
  lba: 'u64',
  blocks: 'u32',
  reserved: { bytes: 4 },
});
export const LUN_LIST = struct('REPORT LUNS data', 'be', { length: 'u32', reserved: { bytes: 4 } });
export const OPERATION_DESCRIPTOR = struct('command descriptor', 'be', {
  operation: 'u8',
  reserved1: one,
  action: 'u16',
  reserved4: one,
  flags: 'u8',
  cdb_length: 'u16',
});
export const OPERATION_FLAGS = register('command descriptor flags', 5, 1, {
  CTDP: { at: 1, doc: 'a timeouts descriptor follows' },
  SERVACTV: { at: 0, doc: 'the service action is valid' },
});
export const ONE_OPERATION = struct('one command', 'be', { reserved: one, support: 'u8', cdb_length: 'u16' });
export const ONE_OPERATION_FLAGS = register('one command, byte 1', 1, 1, {
  CTDP: { at: 7 },
  SUPPORT: { at: [2, 0], doc: '1 not supported, 3 as the standard says' },
});
export const TIMEOUTS = struct('command timeouts descriptor', 'be', {
  length: 'u16',
  reserved: one,
  command_specific: 'u8',
  nominal: 'u32',
  recommended: 'u32',
});
