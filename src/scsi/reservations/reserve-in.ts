import { get16 } from '../../core/big-endian.ts';
import type { Command } from '../command.ts';
import { RESERVE_IN } from '../registers.ts';
import {
  CAPABILITY_FLAGS,
  CAPABILITY_MORE_FLAGS,
  FULL_STATUS,
  FULL_STATUS_FLAGS,
  RESERVATION,
  RESERVATION_TYPES,
  RESERVE_CAPABILITIES,
  RESERVE_DATA,
  TRANSPORT_ID,
} from './registers.ts';
import type { Membership, Reservations } from './reservations.ts';

// Service actions of PERSISTENT RESERVE IN.

const { allocation: ALLOCATION_AT } = RESERVE_IN.offset;
const { R_HOLDER, ALL_TG_PT } = FULL_STATUS_FLAGS.mask;
const { PTPL_C, SIP_C, ATP_C } = CAPABILITY_FLAGS.mask;
const { PTPL_A, TMV } = CAPABILITY_MORE_FLAGS.mask;
const KEY_SIZE = 8;
const ALL_TYPES = RESERVATION_TYPES.encode({
  WR_EX_AR: 1,
  EX_AC_RO: 1,
  WR_EX_RO: 1,
  EX_AC: 1,
  WR_EX: 1,
  EX_AC_AR: 1,
});
/** There is one target port, and this is its relative identifier. */
export const PORT = 1;
const SAS = 6;
/** Locally assigned, NAA 3, and the initiator's number. */
const NAA = 0x3000_0000_0000_0000n;

export function readKeys(command: Command, { reservations }: Membership): void {
  const keys = [...reservations.keys.values()];
  const { data, view } = parameters(reservations, keys.length * KEY_SIZE);
  for (const [i, key] of keys.entries()) view.setBigUint64(RESERVE_DATA.size + i * KEY_SIZE, key);
  answer(command, data);
}

export function readReservation(command: Command, { reservations }: Membership): void {
  const key = reservations.holdersKey;
  const { data } = parameters(reservations, key === null ? 0 : RESERVATION.size);
  if (key !== null) RESERVATION.encode({ key, scope_type: reservations.type }, data, RESERVE_DATA.size);
  answer(command, data);
}

export function reportCapabilities(command: Command, { reservations, hasAll }: Membership): void {
  const data = RESERVE_CAPABILITIES.encode({
    length: RESERVE_CAPABILITIES.size,
    flags: PTPL_C | (hasAll ? SIP_C | ATP_C : 0),
    more_flags: TMV | (reservations.outlastsPower ? PTPL_A : 0),
    types: ALL_TYPES,
  });
  answer(command, data);
}

export function readFullStatus(command: Command, { reservations }: Membership): void {
  const each = FULL_STATUS.size + TRANSPORT_ID.size;
  const { data } = parameters(reservations, reservations.keys.size * each);
  let at: number = RESERVE_DATA.size;
  for (const [nexus, key] of reservations.keys) {
    const holds = reservations.isHeldBy(nexus);
    const flags = (holds ? R_HOLDER : 0) | (reservations.atEveryPort.has(nexus) ? ALL_TG_PT : 0);
    const scope_type = holds ? reservations.type : 0;
    FULL_STATUS.encode({ key, flags, scope_type, port: PORT, length: TRANSPORT_ID.size }, data, at);
    data.set(transportIdOf(nexus), at + FULL_STATUS.size);
    at += each;
  }
  answer(command, data);
}

export function transportIdOf({ initiator }: Membership): Uint8Array {
  return TRANSPORT_ID.encode({ protocol: SAS, address: NAA + BigInt(initiator) });
}

/** Room for a header and `length` bytes after it. */
function parameters({ generation }: Reservations, length: number): { data: Uint8Array; view: DataView } {
  const data = new Uint8Array(RESERVE_DATA.size + length);
  RESERVE_DATA.encode({ generation, length }, data);
  return { data, view: new DataView(data.buffer) };
}

function answer(command: Command, data: Uint8Array): void {
  command.answer(data, get16(command.cdb, ALLOCATION_AT));
}
