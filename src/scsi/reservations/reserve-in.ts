import { u16 } from '../big-endian.ts';
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
const { R_HOLDER } = FULL_STATUS_FLAGS.mask;
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
const PORT = 1;
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

export function reportCapabilities(command: Command, { reservations }: Membership): void {
  const data = RESERVE_CAPABILITIES.encode({
    length: RESERVE_CAPABILITIES.size,
    flags: CAPABILITY_FLAGS.mask.PTPL_C,
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
    const held = holds ? { flags: R_HOLDER, scope_type: reservations.type } : {};
    FULL_STATUS.encode({ key, port: PORT, length: TRANSPORT_ID.size, ...held }, data, at);
    const address = NAA + BigInt(nexus.initiator);
    TRANSPORT_ID.encode({ protocol: SAS, address }, data, at + FULL_STATUS.size);
    at += each;
  }
  answer(command, data);
}

/** Room for a header and `length` bytes after it. */
function parameters({ generation }: Reservations, length: number): { data: Uint8Array; view: DataView } {
  const data = new Uint8Array(RESERVE_DATA.size + length);
  RESERVE_DATA.encode({ generation, length }, data);
  return { data, view: new DataView(data.buffer) };
}

function answer(command: Command, data: Uint8Array): void {
  command.answer(data, u16(command.cdb, ALLOCATION_AT));
}
