import { register } from '../../core/register.ts';
import { struct } from '../../core/struct.ts';

/** Dword 10 of Reservation Register, Acquire and Release (NVM Express 1.4, 6.11 to 6.13), as far as each has it. */
export const RESERVATION_CDW10 = register('reservation_cdw10', 40, 4, {
  ACTION: { at: [2, 0], doc: 'RREGA, RACQA or RRELA' },
  IEKEY: { at: 3, doc: 'the key that the host has is not compared' },
  RTYPE: { at: [15, 8] },
  CPTPL: { at: [31, 30], doc: 'whether it outlives a loss of power: 2 is no, 3 yes' },
});
/** What registers, ends that, or replaces the key; what acquires, preempts, and aborts, too; what releases, and clears. */
export const RREGA = { REGISTER: 0, UNREGISTER: 1, REPLACE: 2 } as const;
export const RACQA = { ACQUIRE: 0, PREEMPT: 1, PREEMPT_AND_ABORT: 2 } as const;
export const RRELA = { RELEASE: 0, CLEAR: 1 } as const;

/** Types of reservations (figure 263): who may do what beside the holder. */
export const RTYPE = {
  WRITE_EXCLUSIVE: 1,
  EXCLUSIVE_ACCESS: 2,
  WRITE_EXCLUSIVE_REGISTRANTS: 3,
  EXCLUSIVE_ACCESS_REGISTRANTS: 4,
  WRITE_EXCLUSIVE_ALL: 5,
  EXCLUSIVE_ACCESS_ALL: 6,
} as const;

/** What a host is told of, in the log; and the bit of each in the mask of feature 82h. */
export const NOTIFICATION = {
  REGISTRATION_PREEMPTED: 1,
  RESERVATION_RELEASED: 2,
  RESERVATION_PREEMPTED: 3,
} as const;
/** A page of the log: the oldest that was not read; of type 0 there is none. */
export const reservation_notification = struct('reservation_notification', 'le', {
  count: 'u64',
  type: 'u8',
  available: 'u8',
  reserved10: { bytes: 2 },
  nsid: 'u32',
  reserved16: { bytes: 48 },
});

/** Their data: the key that it has, and the new one, or that which is preempted. */
export const reservation_keys = struct('reservation_keys', 'le', { crkey: 'u64', key: 'u64' });
/** What Reservation Report begins with (figure 274), and what it says of each controller; the longer form of both. */
export const reservation_status = struct('reservation_status', 'le', {
  gen: 'u32',
  rtype: 'u8',
  regctl: 'u16',
  reserved7: 'u16',
  ptpls: 'u8',
  reserved10: { bytes: 14 },
});
export const registered_controller = struct('registered_controller', 'le', {
  cntlid: 'u16',
  rcsts: 'u8',
  reserved3: { bytes: 5 },
  hostid: 'u64',
  rkey: 'u64',
});
export const registered_controller_extended = struct('registered_controller_extended', 'le', {
  cntlid: 'u16',
  rcsts: 'u8',
  reserved3: { bytes: 5 },
  rkey: 'u64',
  hostid: { bytes: 16 },
  reserved32: { bytes: 32 },
});
/** Bytes of the longer form of what a report begins with. */
export const EXTENDED_STATUS = 64;
/** It has the reservation. */
export const HOLDS = 1;
/** RESCAP: all six types, and IEKEY as from 1.3 on; none outlives a loss of power. */
export const RESCAP = 0xfe;
