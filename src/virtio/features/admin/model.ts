import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Answer } from './answer.ts';
import type { AdminState } from './state.ts';

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
