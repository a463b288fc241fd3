import type { Medium } from '../../media/medium.ts';
import type { Touch } from '../commands/operation.ts';
import type { ModePages } from '../mode-pages.ts';
import { SENSE, type Sense } from '../sense.ts';
import type { Nexus } from '../unit.ts';

/** Types of a persistent reservation, SPC-4 (TYPE of PERSISTENT RESERVE OUT). */
export const RESERVATION_TYPE = {
  WRITE_EXCLUSIVE: 1,
  EXCLUSIVE_ACCESS: 3,
  WRITE_EXCLUSIVE_REGISTRANTS_ONLY: 5,
  EXCLUSIVE_ACCESS_REGISTRANTS_ONLY: 6,
  WRITE_EXCLUSIVE_ALL_REGISTRANTS: 7,
  EXCLUSIVE_ACCESS_ALL_REGISTRANTS: 8,
} as const;
const TYPES = new Set<number>(Object.values(RESERVATION_TYPE));
/** From this type on, registrants have the holder's rights; from `ALL` on each of them is a holder. */
const REGISTRANTS = RESERVATION_TYPE.WRITE_EXCLUSIVE_REGISTRANTS_ONLY;
const ALL = RESERVATION_TYPE.WRITE_EXCLUSIVE_ALL_REGISTRANTS;
/** For these types reading requires the right to write. */
const EXCLUSIVE = new Set<number>([
  RESERVATION_TYPE.EXCLUSIVE_ACCESS,
  RESERVATION_TYPE.EXCLUSIVE_ACCESS_REGISTRANTS_ONLY,
  RESERVATION_TYPE.EXCLUSIVE_ACCESS_ALL_REGISTRANTS,
]);
const NONE = 0;
const { POWER_ON, COMMANDS_CLEARED } = SENSE;
const { RESERVATIONS_PREEMPTED, RESERVATIONS_RELEASED, REGISTRATIONS_PREEMPTED } = SENSE;

/** A nexus by its initiator's number, and the reservations of its disk. */
export interface Membership extends Nexus {
  readonly initiator: number;
  /** It has every service action. */
  readonly hasAll: boolean;
  readonly reservations: Reservations;
}

/**
 * Persistent reservations of a disk that several machines write to (SPC-4 5.13): registrations with their keys, and
 * the reservation. Each machine is a nexus. They belong to the disk: resetting or closing a machine does not end them.
 */
export class Reservations {
  /** PRGENERATION. */
  generation = 0;
  /** APTPL of the last registration. */
  outlastsPower = false;
  /** 0 without a reservation. */
  type: number = NONE;
  /** Every nexus, in order of arrival. */
  readonly members: Membership[] = [];
  /** Mode pages that can be changed are the disk's, too. */
  modes: ModePages | null = null;
  /** In order of arrival. */
  readonly keys = new Map<Membership, bigint>();
  /** Registered by ALL_TG_PT. */
  readonly atEveryPort = new Set<Nexus>();
  private holder: Membership | null = null;
  /** The nexus that has it by RESERVE(6) or (10), of SPC-2. */
  private owner: Nexus | null = null;

  static isType(type: number): boolean {
    return TYPES.has(type);
  }

  /** Whether a reservation forbids this access to this nexus. */
  bars(nexus: Membership, touches: Touch): boolean {
    if (this.type === NONE || touches === 'nothing') return false;
    const admitted = this.type >= REGISTRANTS ? this.keys.has(nexus) : this.holder === nexus;
    return !admitted && (touches === 'writes' || EXCLUSIVE.has(this.type));
  }

  /** RESERVE of SPC-2; false if another has it, or if anybody is registered. */
  own(nexus: Nexus): boolean {
    if (this.isOwnedByOther(nexus) || this.keys.size > 0) return false;
    this.owner = nexus;
    return true;
  }

  /** RELEASE of SPC-2: of what another has, nothing happens. */
  disown(nexus: Nexus): void {
    if (this.owner === nexus) this.owner = null;
  }

  isOwnedByOther(nexus: Nexus): boolean {
    return this.owner !== null && this.owner !== nexus;
  }

  /** The unit was reset by `nexus`. Registrations stay. */
  reset(nexus: Nexus): void {
    this.owner = null;
    this.endTasks(this.members, nexus, true);
    this.tellOthers(nexus, POWER_ON);
  }

  /** CLEAR TASK SET by `nexus`: there is one task set for all (TST is 0), and those hear of it that had commands in it. */
  clearTasks(nexus: Nexus): void {
    this.tell(this.endTasks(this.members, nexus, false), nexus, COMMANDS_CLEARED);
  }

  tellOthers(nexus: Nexus, why: Sense): void {
    this.tell(this.members, nexus, why);
  }

  isHeldBy(nexus: Membership): boolean {
    return this.type >= ALL ? this.keys.has(nexus) : this.holder === nexus;
  }

  /** The holder's key; 0 if all registrants hold it, null without a reservation. */
  get holdersKey(): bigint | null {
    if (this.type === NONE) return null;
    return this.holder === null ? 0n : this.keys.get(this.holder)!;
  }

  /** A key of 0 ends the registration. Otherwise those `beside` are registered, too. */
  register(nexus: Membership, key: bigint, atEveryPort: boolean, beside: readonly Membership[]): void {
    if (key === 0n && !this.keys.has(nexus)) return;
    this.count();
    if (key !== 0n) {
      for (const one of [nexus, ...beside]) this.enter(one, key, atEveryPort);
      return;
    }
    this.leave(nexus);
    if (this.type !== NONE && (this.holder === nexus || this.keys.size === 0)) this.release(nexus);
  }

  /** `to` is registered with `key`, and holds what `nexus` held. */
  move(nexus: Membership, to: Membership, key: bigint, leaves: boolean): void {
    this.count();
    this.enter(to, key, false);
    this.holder = to;
    if (leaves) this.leave(nexus);
  }

  reserve(nexus: Membership, type: number): void {
    this.type = type;
    this.holder = type >= ALL ? null : nexus;
  }

  /** Ends the reservation; nexuses that had its rights get a unit attention (SPC-4 5.13.11.2). */
  release(nexus: Nexus): void {
    const shared = this.type >= REGISTRANTS;
    this.end();
    if (shared) this.tell(this.keys.keys(), nexus, RESERVATIONS_RELEASED);
  }

  /** Ends reservation and registrations. */
  clear(nexus: Nexus): void {
    const others = [...this.keys.keys()];
    this.count();
    for (const one of others) this.leave(one);
    this.end();
    this.tell(others, nexus, RESERVATIONS_PREEMPTED);
  }

  /** Ends the registrations with `key`, also that of the calling nexus; returns whose. */
  expel(nexus: Nexus, key: bigint): Membership[] {
    const gone = this.registered((_one, its) => its === key);
    this.count();
    for (const one of gone) this.leave(one);
    if (this.keys.size === 0) this.end();
    this.tell(gone, nexus, REGISTRATIONS_PREEMPTED);
    return gone;
  }

  /** Takes the reservation over, and ends the registrations with `key`, or all others if it is 0; returns whose. */
  takeOver(nexus: Membership, key: bigint, type: number): Membership[] {
    const gone = this.registered((one, its) => one !== nexus && (key === 0n || its === key));
    const changed = this.type !== type;
    this.count();
    for (const one of gone) this.leave(one);
    this.reserve(nexus, type);
    this.tell(gone, nexus, REGISTRATIONS_PREEMPTED);
    if (changed) this.tell(this.keys.keys(), nexus, RESERVATIONS_RELEASED);
    return gone;
  }

  private enter(nexus: Membership, key: bigint, atEveryPort: boolean): void {
    this.keys.set(nexus, key);
    if (atEveryPort) this.atEveryPort.add(nexus);
    else this.atEveryPort.delete(nexus);
  }

  private leave(nexus: Membership): void {
    this.keys.delete(nexus);
    this.atEveryPort.delete(nexus);
  }

  /** Those whose commands ended. */
  private endTasks(whose: readonly Membership[], except: Nexus, isReset: boolean): Membership[] {
    return whose.filter((one) => one !== except && one.endTasks(isReset) > 0);
  }

  private registered(which: (nexus: Nexus, key: bigint) => boolean): Membership[] {
    return [...this.keys].filter(([one, key]) => which(one, key)).map(([one]) => one);
  }

  private end(): void {
    this.type = NONE;
    this.holder = null;
  }

  private count(): void {
    this.generation = (this.generation + 1) >>> 0;
  }

  private tell(whom: Iterable<Nexus>, except: Nexus, { asc, ascq }: Sense): void {
    for (const one of whom) if (one !== except) one.attention(asc, ascq);
  }
}

/** They are the disk's, and a disk of several machines is one medium. */
const known = new WeakMap<Medium, Reservations>();

export function reservationsOf(medium: Medium): Reservations {
  const there = known.get(medium);
  if (there !== undefined) return there;
  const made = new Reservations();
  known.set(medium, made);
  return made;
}
