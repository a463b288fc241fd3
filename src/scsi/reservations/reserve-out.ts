import { u32 } from '../big-endian.ts';
import type { Command } from '../command.ts';
import { RESERVE_OUT, SCOPE_TYPE } from '../registers.ts';
import { SENSE } from '../sense.ts';
import { RESERVE_FLAGS, RESERVE_LIST } from './registers.ts';
import { type Membership, RESERVATION_TYPE, Reservations } from './reservations.ts';

// Service actions of PERSISTENT RESERVE OUT.

const { scope_type: SCOPE_TYPE_AT, length: LENGTH_AT } = RESERVE_OUT.offset;
const { action_key: ACTION_KEY_AT, flags: FLAGS_AT } = RESERVE_LIST.offset;
const { SCOPE, TYPE } = SCOPE_TYPE.mask;
const { SPEC_I_PT, ALL_TG_PT, APTPL } = RESERVE_FLAGS.mask;
const NO_KEY = 0n;
const ALL = RESERVATION_TYPE.WRITE_EXCLUSIVE_ALL_REGISTRANTS;

/** The fields of the parameter list. */
interface Wish {
  readonly key: bigint;
  readonly actionKey: bigint;
  readonly flags: number;
}

const list = new Uint8Array(RESERVE_LIST.size);

export function register(command: Command, member: Membership): void {
  const wish = take(command);
  if (wish === null || !fits(command, wish)) return;
  if (wish.key === (member.reservations.keys.get(member) ?? NO_KEY)) enter(member, wish);
  else command.conflict();
}

export function registerAndIgnore(command: Command, member: Membership): void {
  const wish = take(command);
  if (wish !== null && fits(command, wish)) enter(member, wish);
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
  const wish = takeOfRegistered(command, member);
  if (wish === null) return;
  const { reservations } = member;
  const { actionKey } = wish;
  if (actionKey === NO_KEY && reservations.type < ALL) command.invalidParameter(ACTION_KEY_AT, 7);
  else if (actionKey === reservations.holdersKey) {
    if (isReservation(command)) reservations.takeOver(member, actionKey, command.cdb[SCOPE_TYPE_AT]!);
  } else if ([...reservations.keys.values()].includes(actionKey)) reservations.expel(member, actionKey);
  else command.conflict();
}

/** Reads the parameter list; null if the command ends with an error. */
function take(command: Command): Wish | null {
  const length = u32(command.cdb, LENGTH_AT);
  if (length !== RESERVE_LIST.size) {
    command.check(SENSE.PARAMETER_LIST_LENGTH);
    return null;
  }
  if (!command.expectOut(length)) return null;
  command.transferred = command.dataOut.gather(list);
  const { key, action_key, flags } = RESERVE_LIST.decode(list);
  // A list of initiator ports would make it longer, but is not supported here: SIP_C is 0.
  if ((flags & SPEC_I_PT) === 0) return { key, actionKey: action_key, flags };
  command.invalidParameter(FLAGS_AT, RESERVE_FLAGS.shift.SPEC_I_PT);
  return null;
}

/** The same for a registrant that gives its key. */
function takeOfRegistered(command: Command, member: Membership): Wish | null {
  const wish = take(command);
  if (wish === null || member.reservations.keys.get(member) === wish.key) return wish;
  command.conflict();
  return null;
}

/** Whether a registration may have these flags. There is one target port, and ATP_C is 0. */
function fits(command: Command, { flags }: Wish): boolean {
  if ((flags & ALL_TG_PT) !== 0) command.invalidParameter(FLAGS_AT, RESERVE_FLAGS.shift.ALL_TG_PT);
  return (flags & ALL_TG_PT) === 0;
}

function enter(member: Membership, { actionKey, flags }: Wish): void {
  member.reservations.outlastsPower = (flags & APTPL) !== 0;
  member.reservations.register(member, actionKey);
}

/** Whether the CDB names a valid reservation. */
function isReservation(command: Command): boolean {
  const asked = command.cdb[SCOPE_TYPE_AT]!;
  const wrong = (asked & SCOPE) !== 0 ? 7 : Reservations.isType(asked & TYPE) ? null : 3;
  if (wrong !== null) command.invalidField(SCOPE_TYPE_AT, wrong);
  return wrong === null;
}
