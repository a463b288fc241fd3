import { get32 } from '../../core/big-endian.ts';
import type { Command } from '../command.ts';
import { RESERVE_OUT, SCOPE_TYPE } from '../registers.ts';
import { SENSE } from '../sense.ts';
import {
  MOVE_FLAGS,
  MOVE_LIST,
  RESERVE_FLAGS,
  RESERVE_LIST,
  TRANSPORT_ID,
  TRANSPORT_IDS,
} from './registers.ts';
import { type Membership, RESERVATION_TYPE, Reservations } from './reservations.ts';
import { PORT, transportIdOf } from './reserve-in.ts';

// Service actions of PERSISTENT RESERVE OUT.

const { scope_type: SCOPE_TYPE_AT, length: LENGTH_AT } = RESERVE_OUT.offset;
const { action_key: ACTION_KEY_AT, flags: FLAGS_AT } = RESERVE_LIST.offset;
const { SCOPE, TYPE } = SCOPE_TYPE.mask;
const { SPEC_I_PT, ALL_TG_PT, APTPL } = RESERVE_FLAGS.mask;
const { UNREG } = MOVE_FLAGS.mask;
const NO_KEY = 0n;
const ALL = RESERVATION_TYPE.WRITE_EXCLUSIVE_ALL_REGISTRANTS;
/** Bytes of a list: TransportIDs of more initiators than any disk has. */
const MOST = 1 << 16;

/** The fields of the parameter list. */
interface Wish {
  readonly key: bigint;
  readonly actionKey: bigint;
  readonly flags: number;
  /** What follows them. */
  readonly more: Uint8Array;
}

/** With SPEC_I_PT it registers other nexuses with its own, which has to be new. */
export function register(command: Command, member: Membership): void {
  const wish = take(command, member.hasAll);
  if (wish === null || !fits(command, member, wish)) return;
  const { keys } = member.reservations;
  const named = (wish.flags & SPEC_I_PT) === 0 ? [] : namedBy(command, member, wish.more);
  if (named === null) return;
  if (wish.key !== (keys.get(member) ?? NO_KEY)) command.conflict();
  else if ((wish.flags & SPEC_I_PT) !== 0 && keys.has(member))
    command.invalidParameter(FLAGS_AT, RESERVE_FLAGS.shift.SPEC_I_PT);
  else enter(member, wish, named);
}

export function registerAndIgnore(command: Command, member: Membership): void {
  const wish = take(command);
  if (wish !== null && fits(command, member, wish)) enter(member, wish, []);
}

/** The holder gives its reservation to another nexus, which it registers (SPC-4, registering and moving the reservation). */
export function registerAndMove(command: Command, member: Membership): void {
  const list = listOf(command, MOVE_LIST.size + TRANSPORT_ID.size, MOST);
  if (list === null) return;
  const { reservations } = member;
  const { key, action_key, flags, port, length } = MOVE_LIST.decode(list);
  const to = memberOf(reservations, list.subarray(MOVE_LIST.size));
  if (reservations.keys.get(member) !== key) command.conflict();
  else if (action_key === NO_KEY) command.invalidParameter(ACTION_KEY_AT, 7);
  else if (length !== list.length - MOVE_LIST.size) command.invalidParameter(MOVE_LIST.offset.length, 7);
  else if (port !== PORT) command.invalidParameter(MOVE_LIST.offset.port, 7);
  else if (to === null || to === member) command.invalidParameter(MOVE_LIST.size, 7);
  else if (reservations.holdersKey === null) command.check(SENSE.INVALID_FIELD_IN_CDB);
  else if (!reservations.isHeldBy(member) || reservations.type >= ALL) command.conflict();
  else {
    reservations.outlastsPower = (flags & MOVE_FLAGS.mask.APTPL) !== 0;
    reservations.move(member, to, action_key, (flags & UNREG) !== 0);
  }
}

export function reserve(command: Command, member: Membership): void {
  const wish = takeOfRegistered(command, member);
  if (wish === null || !isReservation(command)) return;
  const { reservations } = member;
  const type = command.cdb[SCOPE_TYPE_AT]!;
  if (reservations.holdersKey === null) reservations.reserve(member, type);
  else if (!reservations.isHeldBy(member) || reservations.type !== type) command.conflict();
}

export function release(command: Command, member: Membership): void {
  const wish = takeOfRegistered(command, member);
  const { reservations } = member;
  if (wish === null || !reservations.isHeldBy(member)) return;
  if (command.cdb[SCOPE_TYPE_AT] === reservations.type) reservations.release(member);
  else command.check(SENSE.INVALID_RELEASE);
}

export function clear(command: Command, member: Membership): void {
  if (takeOfRegistered(command, member) !== null) member.reservations.clear(member);
}

export function preempt(command: Command, member: Membership): void {
  preempted(command, member);
}

/** Also ends the commands of those whose registrations end. */
export function preemptAndAbort(command: Command, member: Membership): void {
  for (const one of preempted(command, member)) one.endTasks(false);
}

/** Whose registrations ended. */
function preempted(command: Command, member: Membership): readonly Membership[] {
  const wish = takeOfRegistered(command, member);
  if (wish === null) return [];
  const { reservations } = member;
  const { actionKey } = wish;
  if (actionKey === NO_KEY && reservations.type < ALL) command.invalidParameter(ACTION_KEY_AT, 7);
  else if (actionKey === reservations.holdersKey) {
    if (isReservation(command)) return reservations.takeOver(member, actionKey, command.cdb[SCOPE_TYPE_AT]!);
  } else if ([...reservations.keys.values()].includes(actionKey))
    return reservations.expel(member, actionKey);
  else command.conflict();
  return [];
}

/** Reads the parameter list; null if the command ends with an error. @param mayName other nexuses, for which it is longer. */
function take(command: Command, mayName = false): Wish | null {
  const list = listOf(command, RESERVE_LIST.size, mayName ? MOST : RESERVE_LIST.size);
  if (list === null) return null;
  const { key, action_key, flags } = RESERVE_LIST.decode(list);
  const more = list.subarray(RESERVE_LIST.size);
  const names = (flags & SPEC_I_PT) !== 0;
  if (names && !mayName) command.invalidParameter(FLAGS_AT, RESERVE_FLAGS.shift.SPEC_I_PT);
  else if (names ? more.length < TRANSPORT_IDS.size : more.length > 0)
    command.check(SENSE.PARAMETER_LIST_LENGTH);
  else return { key, actionKey: action_key, flags, more };
  return null;
}

/** The list, if it is as long as that. */
function listOf(command: Command, least: number, most: number): Uint8Array | null {
  const length = get32(command.cdb, LENGTH_AT);
  if (length < least || length > most) {
    command.check(SENSE.PARAMETER_LIST_LENGTH);
    return null;
  }
  if (!command.expectOut(length)) return null;
  const list = new Uint8Array(length);
  command.transferred = command.dataOut.gather(list);
  return list;
}

/** The nexuses that a list of TransportIDs names and that are not registered; null if the command ends with an error. */
function namedBy(command: Command, { reservations }: Membership, more: Uint8Array): Membership[] | null {
  const ids = more.subarray(TRANSPORT_IDS.size);
  if (TRANSPORT_IDS.decode(more).length !== ids.length || ids.length % TRANSPORT_ID.size !== 0) {
    command.invalidParameter(RESERVE_LIST.size, 7);
    return null;
  }
  const found: Membership[] = [];
  for (let at = 0; at < ids.length; at += TRANSPORT_ID.size) {
    const one = memberOf(reservations, ids.subarray(at, at + TRANSPORT_ID.size));
    if (one === null) {
      command.invalidParameter(RESERVE_LIST.size + TRANSPORT_IDS.size + at, 7);
      return null;
    }
    if (!reservations.keys.has(one)) found.push(one);
  }
  return found;
}

function memberOf({ members }: Reservations, id: Uint8Array): Membership | null {
  const { length } = id;
  const isNamed = (own: Uint8Array) => own.length === length && own.every((byte, i) => byte === id[i]);
  return members.find((one) => isNamed(transportIdOf(one))) ?? null;
}

/** The same for a registrant that gives its key. */
function takeOfRegistered(command: Command, member: Membership): Wish | null {
  const wish = take(command);
  if (wish === null || member.reservations.keys.get(member) === wish.key) return wish;
  command.conflict();
  return null;
}

/** Whether a registration may have these flags: ALL_TG_PT needs ATP_C. */
function fits(command: Command, { hasAll }: Membership, { flags }: Wish): boolean {
  if (hasAll || (flags & ALL_TG_PT) === 0) return true;
  command.invalidParameter(FLAGS_AT, RESERVE_FLAGS.shift.ALL_TG_PT);
  return false;
}

function enter(member: Membership, { actionKey, flags }: Wish, beside: readonly Membership[]): void {
  const { reservations } = member;
  reservations.outlastsPower = (flags & APTPL) !== 0;
  reservations.register(member, actionKey, (flags & ALL_TG_PT) !== 0, beside);
}

/** Whether the CDB names a valid reservation. */
function isReservation(command: Command): boolean {
  const asked = command.cdb[SCOPE_TYPE_AT]!;
  const wrong = (asked & SCOPE) !== 0 ? 7 : Reservations.isType(asked & TYPE) ? null : 3;
  if (wrong !== null) command.invalidField(SCOPE_TYPE_AT, wrong);
  return wrong === null;
}
