import type { Medium } from '../media/medium.ts';
import { STATUS } from './registers/commands.ts';
import {
  EXTENDED_STATUS,
  HOLDS,
  NOTIFICATION,
  RACQA,
  RREGA,
  RRELA,
  RTYPE,
  registered_controller,
  registered_controller_extended,
  reservation_status,
} from './registers/reservations.ts';

const { SUCCESS, INVALID_FIELD, RESERVATION_CONFLICT } = STATUS;
const { WRITE_EXCLUSIVE, WRITE_EXCLUSIVE_REGISTRANTS, WRITE_EXCLUSIVE_ALL, EXCLUSIVE_ACCESS_ALL } = RTYPE;
const WRITE_TYPES: readonly number[] = [WRITE_EXCLUSIVE, WRITE_EXCLUSIVE_REGISTRANTS, WRITE_EXCLUSIVE_ALL];

/** A controller by which a host reaches a namespace. */
export interface Host {
  /** What its Set Features, 81h, was given. */
  readonly hostId: bigint;
  /** Another host took something from this one: a type of NOTIFICATION. */
  reservationChanged(reservations: Reservations, type: number): void;
}

interface Registrant {
  readonly host: Host;
  /** As it was when it registered: a controller reset takes it from the host. */
  readonly hostId: bigint;
  key: bigint;
}

/** What a command asks for: which of its actions, of which type, by which keys. */
export interface Asked {
  readonly action: number;
  readonly type: number;
  /** The key that the host has is not compared. */
  readonly ignoresKey: boolean;
  readonly current: bigint;
  readonly key: bigint;
}

/** The registrants of a namespace, and its reservation (NVM Express 1.4, 8.8). It does not outlive a loss of power. */
export class Reservations {
  private generation = 0;
  private type = 0;
  /** Of types that all registrants have together: none in particular. */
  private holder: Registrant | null = null;
  private registrants: Registrant[] = [];
  private readonly hosts = new Set<Host>();

  /** Whether a host may read, or write. */
  allows(host: Host, isWrite: boolean): boolean {
    const { type } = this;
    if (type === 0 || (!isWrite && WRITE_TYPES.includes(type))) return true;
    const one = this.of(host);
    return one !== null && (type >= WRITE_EXCLUSIVE_REGISTRANTS || one === this.holder);
  }

  register(host: Host, { action, ignoresKey, current, key }: Asked): number {
    const one = this.of(host);
    if (action === RREGA.REGISTER) {
      if (one !== null) return one.key === key ? SUCCESS : RESERVATION_CONFLICT;
      this.add(host, key);
    } else if (action === RREGA.UNREGISTER) {
      if (one === null || (!ignoresKey && one.key !== current)) return RESERVATION_CONFLICT;
      this.remove([one]);
    } else if (action === RREGA.REPLACE) {
      if (one === null ? !ignoresKey : !ignoresKey && one.key !== current) return RESERVATION_CONFLICT;
      if (one === null) this.add(host, key);
      else one.key = key;
    } else return INVALID_FIELD;
    this.generation++;
    return SUCCESS;
  }

  acquire(host: Host, asked: Asked): number {
    const { action, type } = asked;
    const one = this.known(host, asked);
    if (one === null) return RESERVATION_CONFLICT;
    if (type === 0 || type > EXCLUSIVE_ACCESS_ALL || action > RACQA.PREEMPT_AND_ABORT) return INVALID_FIELD;
    if (action !== RACQA.ACQUIRE) return this.preempt(one, asked);
    if (this.type === 0) this.reserve(one, type);
    else if (this.type !== type || !this.isHeldBy(one)) return RESERVATION_CONFLICT;
    return SUCCESS;
  }

  release(host: Host, asked: Asked): number {
    const one = this.known(host, asked);
    if (one === null) return RESERVATION_CONFLICT;
    if (asked.action === RRELA.CLEAR) {
      this.tell(this.registrants, one, NOTIFICATION.RESERVATION_PREEMPTED);
      this.clear();
      this.generation++;
      return SUCCESS;
    }
    if (asked.action !== RRELA.RELEASE) return INVALID_FIELD;
    if (this.type === 0 || !this.isHeldBy(one)) return SUCCESS;
    if (this.type !== asked.type) return INVALID_FIELD;
    this.reserve(null, 0);
    if (asked.type >= WRITE_EXCLUSIVE_REGISTRANTS)
      this.tell(this.registrants, one, NOTIFICATION.RESERVATION_RELEASED);
    return SUCCESS;
  }

  /** What Reservation Report answers. */
  report(isExtended: boolean): Uint8Array {
    const { generation: gen, type: rtype, registrants } = this;
    const size = isExtended ? registered_controller_extended.size : registered_controller.size;
    const begin = isExtended ? EXTENDED_STATUS : reservation_status.size;
    const bytes = new Uint8Array(begin + registrants.length * size);
    reservation_status.encode({ gen, rtype, regctl: registrants.length }, bytes);
    for (const [i, one] of registrants.entries()) {
      const rcsts = this.isHeldBy(one) ? HOLDS : 0;
      const { hostId } = one;
      const at = begin + i * size;
      if (isExtended) registered_controller_extended.encode({ rcsts, rkey: one.key }, bytes, at);
      else registered_controller.encode({ rcsts, hostid: hostId, rkey: one.key }, bytes, at);
      if (isExtended) new DataView(bytes.buffer).setBigUint64(at + HOST_AT, hostId, true);
    }
    return bytes;
  }

  /** Power was lost. */
  forget(): void {
    this.clear();
    this.generation = 0;
  }

  join(host: Host): void {
    this.hosts.add(host);
  }

  /** A host is gone for good. Where none is left, nothing is. */
  leave(host: Host): void {
    const one = this.of(host);
    if (one !== null) this.remove([one]);
    this.hosts.delete(host);
    if (this.hosts.size === 0) this.forget();
  }

  private clear(): void {
    this.registrants = [];
    this.reserve(null, 0);
  }

  private add(host: Host, key: bigint): void {
    this.registrants.push({ host, hostId: host.hostId, key });
  }

  private preempt(one: Registrant, { type, key }: Asked): number {
    const isOfAll = this.type >= WRITE_EXCLUSIVE_ALL;
    const takesOver = this.type !== 0 && (isOfAll ? key === 0n : this.holder!.key === key);
    const others = this.registrants.filter((other) =>
      isOfAll && key === 0n ? other !== one : other.key === key && !(takesOver && other === one),
    );
    if (others.length === 0 && !takesOver) return RESERVATION_CONFLICT;
    const isReleased = takesOver && !isOfAll && this.type !== type;
    if (takesOver) this.reserve(one, type);
    this.remove(others);
    this.tell(others, one, NOTIFICATION.REGISTRATION_PREEMPTED);
    if (isReleased) this.tell(this.registrants, one, NOTIFICATION.RESERVATION_RELEASED);
    this.generation++;
    return SUCCESS;
  }

  /** The host, if it is registered by the key that it gives. */
  private known(host: Host, { ignoresKey, current }: Asked): Registrant | null {
    const one = this.of(host);
    return one !== null && (ignoresKey || one.key === current) ? one : null;
  }

  private of(host: Host): Registrant | null {
    return this.registrants.find((one) => one.host === host) ?? null;
  }

  private isHeldBy(one: Registrant): boolean {
    return this.type >= WRITE_EXCLUSIVE_ALL || (this.type !== 0 && this.holder === one);
  }

  private reserve(one: Registrant | null, type: number): void {
    this.holder = one;
    this.type = type;
  }

  /** A reservation goes with its holder, or with the last of all that have it. */
  private remove(gone: readonly Registrant[]): void {
    this.registrants = this.registrants.filter((one) => !gone.includes(one));
    const { type } = this;
    const isHeld = type >= WRITE_EXCLUSIVE_ALL ? this.registrants.length > 0 : !gone.includes(this.holder!);
    if (isHeld) return;
    this.reserve(null, 0);
    if (type >= WRITE_EXCLUSIVE_REGISTRANTS)
      this.tell(this.registrants, null, NOTIFICATION.RESERVATION_RELEASED);
  }

  /** Tells hosts what another one did. */
  private tell(hosts: readonly Registrant[], by: Registrant | null, type: number): void {
    for (const one of hosts) if (one !== by) one.host.reservationChanged(this, type);
  }
}

/** Where the longer form has the host's identifier. */
const HOST_AT = registered_controller_extended.offset.hostid;
const known = new WeakMap<Medium, Reservations>();

/** Those of a medium: all namespaces on it have them in common. The host has a part in them until it leaves. */
export function reservationsOn(medium: Medium, host: Host): Reservations {
  const found = known.get(medium) ?? new Reservations();
  known.set(medium, found);
  found.join(host);
  return found;
}
