import { ByteReader } from '../../../core/byte-reader.ts';
import { ADMIN_CMD, ADMIN_QUALIFIER, ADMIN_STATUS } from './registers.ts';

const NONE = new Uint8Array(0);
const { LIST_QUERY, LIST_USE } = ADMIN_CMD;
/** Commands that a driver may send before it lists those it uses. */
const FIRST = [LIST_QUERY, LIST_USE] as const;

/** The answer to a command. */
export interface Answer {
  readonly status: number;
  readonly status_qualifier: number;
  readonly result: Uint8Array;
}

export function done(result: Uint8Array = NONE): Answer {
  return { status: ADMIN_STATUS.OK, status_qualifier: ADMIN_QUALIFIER.OK, result };
}

export function refused(
  status: Exclude<keyof typeof ADMIN_STATUS, 'OK'>,
  why: Exclude<keyof typeof ADMIN_QUALIFIER, 'OK'>,
): Answer {
  return { status: ADMIN_STATUS[status], status_qualifier: ADMIN_QUALIFIER[why], result: NONE };
}

/** What a driver told a device by its administration virtqueue; a reset forgets it. */
export class AdminState {
  /** Commands that the driver listed. */
  used: ReadonlySet<number> = new Set(FIRST);
  /** Capabilities that it set, by id. */
  readonly capabilities = new Map<number, ByteReader>();
  private readonly objects = new Map<number, Map<number, ByteReader>>();

  /** Objects of one type, by id. */
  of(type: number): ReadonlyMap<number, ByteReader> {
    return this.kept(type);
  }

  set(capability: number, bytes: Uint8Array): void {
    this.capabilities.set(capability, new ByteReader('le', bytes));
  }

  put(type: number, id: number, bytes: Uint8Array): void {
    this.kept(type).set(id, new ByteReader('le', bytes));
  }

  destroy(type: number, id: number): void {
    this.kept(type).delete(id);
  }

  reset(): void {
    this.used = new Set(FIRST);
    this.capabilities.clear();
    this.objects.clear();
  }

  private kept(type: number): Map<number, ByteReader> {
    const known = this.objects.get(type) ?? new Map<number, ByteReader>();
    this.objects.set(type, known);
    return known;
  }
}

/** A device capability that a driver can query and set (virtio 1.4, Device and driver capabilities). */
export interface Capability {
  readonly id: number;
  /** cap_specific_data, with the device's values. */
  readonly offered: Uint8Array;
  /** Length of the data that a driver sets. */
  bytesOf(data: ByteReader): number;
  /** Whether a driver may set these values. */
  allows(data: ByteReader): boolean;
}

/** Resource objects that a driver makes in the device (virtio 1.4, Device resource objects). */
export interface ObjectKind {
  readonly type: number;
  /** Capabilities that they need. */
  readonly needs: readonly number[];
  /** Limit of ids. */
  limit(state: AdminState): number;
  /** The answer to an id beyond it. */
  readonly beyond: Answer;
  /** Length of an object's data. */
  bytesOf(data: ByteReader): number;
  /** Whether object `id` may have these data. */
  allows(data: ByteReader, id: number, state: AdminState): boolean;
  /** Whether another object depends on this one. */
  carries(id: number, state: AdminState): boolean;
}

/** What a device type offers through its administration virtqueue. */
export interface AdminModel {
  readonly capabilities: readonly Capability[];
  readonly kinds: readonly ObjectKind[];
}
