import type { ByteReader } from '../../../core/byte-reader.ts';
import type { Answer } from './answer.ts';
import type { AdminState } from './state.ts';

/** What a device can be asked for, and a driver says that it uses (virtio 1.4, Device and driver capabilities). */
export interface Capability {
  readonly id: number;
  /** cap_specific_data, as the device has them. */
  readonly offered: Uint8Array;
  /** How long those are that a driver sets. */
  bytesOf(data: ByteReader): number;
  /** Whether a driver may set them so. */
  allows(data: ByteReader): boolean;
}

/** Objects that a driver makes in the device (virtio 1.4, Device resource objects). */
export interface ObjectKind {
  readonly type: number;
  /** Capabilities without which there are none. */
  readonly needs: readonly number[];
  /** Ids are below it. */
  limit(state: AdminState): number;
  /** The answer to one that is not. */
  readonly beyond: Answer;
  /** How long the data of an object are. */
  bytesOf(data: ByteReader): number;
  /** Whether object `id` may be so. */
  allows(data: ByteReader, id: number, state: AdminState): boolean;
  /** Whether another object rests on this one. */
  carries(id: number, state: AdminState): boolean;
}

/** What a device type has for its administration virtqueue to be asked for. */
export interface AdminModel {
  readonly capabilities: readonly Capability[];
  readonly kinds: readonly ObjectKind[];
}
