import { register } from '../../core/register.ts';
import { struct } from '../../core/struct.ts';

// Parameter data of PERSISTENT RESERVE IN and OUT.

export const RESERVE_LIST = struct('PERSISTENT RESERVE OUT parameter list', 'be', {
  key: 'u64',
  action_key: 'u64',
  obsolete16: { bytes: 4 },
  flags: 'u8',
  reserved21: { bytes: 1 },
  obsolete22: { bytes: 2 },
});
export const RESERVE_FLAGS = register('PERSISTENT RESERVE OUT flags', 20, 1, {
  SPEC_I_PT: { at: 3, doc: 'names further initiator ports' },
  ALL_TG_PT: { at: 2, doc: 'registers with all target ports' },
  APTPL: { at: 0, doc: 'outlasts a loss of power' },
});
/** A list with SPEC_I_PT goes on with their length and TransportIDs. */
export const TRANSPORT_IDS = struct('PERSISTENT RESERVE OUT TransportIDs', 'be', { length: 'u32' });
export const MOVE_LIST = struct('REGISTER AND MOVE parameter list', 'be', {
  key: 'u64',
  action_key: 'u64',
  reserved16: { bytes: 1 },
  flags: 'u8',
  port: 'u16',
  length: 'u32',
});
export const MOVE_FLAGS = register('REGISTER AND MOVE flags', 17, 1, {
  UNREG: { at: 1, doc: 'ends the registration of the nexus that gives' },
  APTPL: { at: 0, doc: 'outlasts a loss of power' },
});
export const RESERVE_DATA = struct('PERSISTENT RESERVE IN parameter data', 'be', {
  generation: 'u32',
  length: 'u32',
});
export const RESERVATION = struct('READ RESERVATION descriptor', 'be', {
  key: 'u64',
  obsolete8: { bytes: 4 },
  reserved12: { bytes: 1 },
  scope_type: 'u8',
  obsolete14: { bytes: 2 },
});
export const RESERVE_CAPABILITIES = struct('REPORT CAPABILITIES data', 'be', {
  length: 'u16',
  flags: 'u8',
  more_flags: 'u8',
  types: 'u16',
  reserved: { bytes: 2 },
});
export const CAPABILITY_FLAGS = register('REPORT CAPABILITIES flags', 2, 1, {
  RLR_C: { at: 7, doc: 'takes REPLACE LOST RESERVATION' },
  CRH: { at: 4, doc: 'RESERVE(6) and RELEASE(6) as an exception' },
  SIP_C: { at: 3, doc: 'takes SPEC_I_PT' },
  ATP_C: { at: 2, doc: 'takes ALL_TG_PT' },
  PTPL_C: { at: 0, doc: 'takes APTPL' },
});
export const CAPABILITY_MORE_FLAGS = register('REPORT CAPABILITIES further flags', 3, 1, {
  TMV: { at: 7, doc: 'the mask of types is valid' },
  ALLOW: { at: [6, 4], doc: 'which commands are allowed beside a reservation: 0 is not told' },
  PTPL_A: { at: 0, doc: 'APTPL is in effect' },
});
export const RESERVATION_TYPES = register('persistent reservation types', 4, 2, {
  WR_EX_AR: { at: 15 },
  EX_AC_RO: { at: 14 },
  WR_EX_RO: { at: 13 },
  EX_AC: { at: 11 },
  WR_EX: { at: 9 },
  EX_AC_AR: { at: 0 },
});
export const FULL_STATUS = struct('READ FULL STATUS descriptor', 'be', {
  key: 'u64',
  reserved8: { bytes: 4 },
  flags: 'u8',
  scope_type: 'u8',
  reserved14: { bytes: 4 },
  port: 'u16',
  length: 'u32',
});
export const FULL_STATUS_FLAGS = register('READ FULL STATUS flags', 12, 1, {
  ALL_TG_PT: { at: 1 },
  R_HOLDER: { at: 0, doc: 'holds the reservation' },
});
export const TRANSPORT_ID = struct('TransportID of a SAS initiator', 'be', {
  protocol: 'u8',
  reserved1: { bytes: 3 },
  address: 'u64',
  reserved12: { bytes: 12 },
});
