import type { Namespace } from './namespace.ts';
import type { Command } from './queues.ts';
import { BROADCAST, FEATURE, STATUS } from './registers/commands.ts';
import { NOTIFICATION } from './registers/reservations.ts';

const { INVALID_FIELD, NOT_SAVEABLE, COMMAND_SEQUENCE_ERROR, SUCCESS } = STATUS;
const SAVE = 0x8000_0000;
const [DEFAULT, SAVED, SUPPORTED] = [1, 2, 3];
/** Of the capabilities that SUPPORTED asks for: it can be changed. */
const CHANGEABLE = 1 << 2;
/** Likewise: each namespace has its own. */
const OF_NAMESPACE = 1 << 1;
const OVER_DEFAULT = 0x157;
/** Without bursts, and 343 K, as QEMU's controller has them. */
const DEFAULTS: Readonly<Record<number, number>> = {
  [FEATURE.ARBITRATION]: 7,
  [FEATURE.POWER_MANAGEMENT]: 0,
  [FEATURE.TEMPERATURE_THRESHOLD]: OVER_DEFAULT,
  [FEATURE.ERROR_RECOVERY]: 0,
  [FEATURE.INTERRUPT_COALESCING]: 0,
  [FEATURE.WRITE_ATOMICITY]: 0,
  [FEATURE.ASYNC_EVENT]: 0,
};
/** Of namespaces, where they take reservations. */
const OF_RESERVATIONS: readonly number[] = [FEATURE.RESERVATION_MASK, FEATURE.RESERVATION_PERSISTENCE];
const NOTIFICATIONS = Object.values(NOTIFICATION).reduce((bits, type) => bits | (1 << type), 0);
const WCE = 1;
const COUNT = 0xffff;
/** Of the temperature's threshold: which one is meant, over or under, and of which sensor. The controller has none but its own. */
const [THSEL, TMPSEL, UNDER] = [0x30_0000, 0xf_0000, 0x10_0000];
const POWER_STATE = 0x1f;

/** What features need of the controller. */
interface FeatureHost {
  readonly settings: {
    readonly queues: number;
    readonly writeCache: boolean;
    readonly offers: { readonly reservations: boolean };
  };
  readonly namespaces: readonly (Namespace | null)[];
  readonly vectors: number;
  readonly queues: { readonly hasIoQueues: boolean };
  /** Makes all that was written durable. False if the medium failed. */
  flushAll(): boolean;
}

/** The features of a controller (NVM Express 1.4, 5.13 and 5.21), whose values a reset takes back. None can be saved. */
export class Features {
  /** What is written is durable only once it is flushed. */
  writeCache = true;
  /** Of its host, as reservations report it. */
  hostId = 0n;
  private readonly values = new Map<number, number>();
  /** Of what each namespace's driver wants to hear nothing. */
  private readonly masks = new Map<number, number>();
  private readonly host: FeatureHost;
  /** Dword 0 of the answer. */
  result = 0;

  constructor(host: FeatureHost) {
    this.host = host;
    this.reset();
  }

  reset(): void {
    this.values.clear();
    this.masks.clear();
    this.writeCache = this.host.settings.writeCache;
    this.hostId = 0n;
  }

  /** Get Features. @returns a status. */
  get(command: Command): number {
    const dword = command.dword(10);
    const feature = dword & 0xff;
    const select = (dword >>> 8) & 7;
    if (OF_RESERVATIONS.includes(feature)) return this.getOfNamespace(feature, select, command.nsid);
    if (!this.has(feature, command.dword(11))) return INVALID_FIELD;
    if (select > SUPPORTED) return INVALID_FIELD;
    if (select === SUPPORTED) this.result = CHANGEABLE;
    else this.result = this.valueOf(feature, command.dword(11), select === DEFAULT || select === SAVED);
    return SUCCESS;
  }

  /** Set Features. @returns a status. */
  set(command: Command): number {
    const dword = command.dword(10);
    const feature = dword & 0xff;
    const value = command.dword(11);
    if (OF_RESERVATIONS.includes(feature)) return this.setOfNamespace(feature, dword, value, command.nsid);
    if (!this.has(feature, value)) return INVALID_FIELD;
    if ((dword & SAVE) >>> 0 !== 0) return NOT_SAVEABLE;
    if (feature === FEATURE.NUMBER_OF_QUEUES) return this.setQueues(value);
    if (feature === FEATURE.VOLATILE_WRITE_CACHE) {
      if ((value & WCE) === 0 && !this.host.flushAll()) return STATUS.WRITE_FAULT;
      this.writeCache = (value & WCE) !== 0;
    } else if (feature === FEATURE.POWER_MANAGEMENT && (value & POWER_STATE) !== 0) return INVALID_FIELD;
    else this.values.set(keyOf(feature, value), value & (MEANT[feature] ?? 0xffff_ffff));
    return SUCCESS;
  }

  /** Whether the driver wants to hear nothing of such notifications. */
  hides(type: number, nsid: number): boolean {
    return ((this.masks.get(nsid) ?? 0) & (1 << type)) !== 0;
  }

  private getOfNamespace(feature: number, select: number, nsid: number): number {
    const { settings, namespaces } = this.host;
    if (!settings.offers.reservations || select > SUPPORTED) return INVALID_FIELD;
    if (namespaces[nsid] == null) return STATUS.INVALID_NAMESPACE;
    const isMask = feature === FEATURE.RESERVATION_MASK;
    if (select === SUPPORTED) this.result = OF_NAMESPACE | (isMask ? CHANGEABLE : 0);
    else this.result = isMask && select === 0 ? (this.masks.get(nsid) ?? 0) : 0;
    return SUCCESS;
  }

  /** What outlives a loss of power is refused: nothing does. */
  private setOfNamespace(feature: number, dword: number, value: number, nsid: number): number {
    const { settings, namespaces } = this.host;
    const allowed = feature === FEATURE.RESERVATION_MASK ? NOTIFICATIONS : 0;
    if (!settings.offers.reservations || (value & ~allowed) !== 0) return INVALID_FIELD;
    if ((dword & SAVE) >>> 0 !== 0) return NOT_SAVEABLE;
    const meant = namespaces.filter((one) => one !== null && (nsid === BROADCAST || nsid === one.id));
    if (meant.length === 0) return STATUS.INVALID_NAMESPACE;
    if (feature === FEATURE.RESERVATION_MASK) for (const one of meant) this.masks.set(one!.id, value);
    return SUCCESS;
  }

  /** As many as there are, whatever was asked for; ffff is no number of queues. */
  private setQueues(value: number): number {
    if ((value & COUNT) === COUNT || value >>> 16 === COUNT) return INVALID_FIELD;
    if (this.host.queues.hasIoQueues) return COMMAND_SEQUENCE_ERROR;
    this.result = this.granted;
    return SUCCESS;
  }

  private get granted(): number {
    const most = this.host.settings.queues - 1;
    return ((most << 16) | most) >>> 0;
  }

  private has(feature: number, value: number): boolean {
    if (feature === FEATURE.VOLATILE_WRITE_CACHE) return this.host.settings.writeCache;
    // The pin is a vector, too.
    if (feature === FEATURE.INTERRUPT_VECTOR) return (value & COUNT) < Math.max(1, this.host.vectors);
    if (feature === FEATURE.TEMPERATURE_THRESHOLD) return (value & TMPSEL) === 0 && (value & THSEL) <= UNDER;
    return feature === FEATURE.NUMBER_OF_QUEUES || DEFAULTS[feature] !== undefined;
  }

  private valueOf(feature: number, dword11: number, isDefault: boolean): number {
    if (feature === FEATURE.NUMBER_OF_QUEUES) return this.granted;
    if (feature === FEATURE.VOLATILE_WRITE_CACHE) return isDefault || this.writeCache ? WCE : 0;
    const isUnder = feature === FEATURE.TEMPERATURE_THRESHOLD && (dword11 & THSEL) !== 0;
    const initial = feature === FEATURE.INTERRUPT_VECTOR ? dword11 & COUNT : isUnder ? 0 : DEFAULTS[feature]!;
    return isDefault ? initial : (this.values.get(keyOf(feature, dword11)) ?? initial);
  }

  /** What the driver set of a feature that has a value alone; 0 of others. */
  current(feature: number): number {
    return this.values.get(feature) ?? DEFAULTS[feature] ?? 0;
  }
}

/** Bits that are kept of a value, where not all are. */
const MEANT: Readonly<Record<number, number>> = {
  [FEATURE.INTERRUPT_VECTOR]: 0x1_ffff,
  [FEATURE.TEMPERATURE_THRESHOLD]: COUNT,
};

/** A vector's configuration has a value for each vector, and the temperature a threshold over it and one under it. */
function keyOf(feature: number, dword11: number): number {
  if (feature === FEATURE.INTERRUPT_VECTOR) return (((dword11 & COUNT) << 8) | feature) >>> 0;
  return feature === FEATURE.TEMPERATURE_THRESHOLD ? feature | ((dword11 & THSEL) >>> 4) : feature;
}
