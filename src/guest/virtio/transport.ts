import type { BitSet } from '../../core/bit-set.ts';
import type { Gpa, Width } from '../../core/bits.ts';

/** Where a queue lies: descriptors, what the driver writes, what the device writes. */
export interface QueueAreas {
  readonly desc: Gpa;
  readonly driver: Gpa;
  readonly device: Gpa;
}

/** The driver's side of a virtio transport. */
export interface DriverTransport {
  /** Resets the device, and waits until it says that it is done; false if it does not. */
  reset(): boolean;
  readonly status: number;
  /** Sets status bits, keeping those that are set. */
  raise(bits: number): void;
  /** With SUSPEND: suspends the device, and waits until it is; false if it does not get there. */
  suspend(): boolean;
  /** Takes it into use again; false if it has forgotten that it was suspended, or does not get there. */
  resume(): boolean;
  readonly offered: BitSet;
  accept(features: BitSet): void;
  /** Ends the negotiation; false when the device does not go along with what was accepted. */
  closeFeatures(): boolean;
  /** Entries of queue `index`, the most there may be; 0 where there is no such queue. */
  queueSize(index: number): number;
  /** With ADMIN_VQ: the index of the first administration virtqueue; null where there is none. */
  readonly adminQueue: number | null;
  setQueue(index: number, areas: QueueAreas): void;
  /** Maps a queue to an MSI-X entry; false when the device refuses, which only reading back tells. */
  setQueueVector(index: number, vector: number): boolean;
  setConfigVector(vector: number): boolean;
  /** The last step of setting up a queue. */
  enableQueue(index: number): void;
  /** With RING_RESET: takes one queue back, and waits until the device let go of it; false if it does not. */
  resetQueue(index: number): boolean;
  /** @param position `DriverQueue.position`; with NOTIFICATION_DATA it is part of what is written. */
  notify(index: number, position: number): void;
  /** Reads the interrupt status, which clears it and lowers INTx. */
  takeInterruptStatus(): number;
  /** A field of the device configuration that one access takes whole. */
  readConfig(offset: number, width: Width): number;
  writeConfig(offset: number, value: number, width: Width): void;
  /** A field that takes several accesses, read without a change in between. */
  readConfigBytes(offset: number, length: number): Uint8Array;
}
