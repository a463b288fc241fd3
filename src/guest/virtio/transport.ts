import type { BitSet } from '../../core/bit-set.ts';
import type { Gpa, Width } from '../../core/bits.ts';

/** Addresses of a queue: descriptors, driver area, device area. */
export interface QueueAreas {
  readonly desc: Gpa;
  readonly driver: Gpa;
  readonly device: Gpa;
}

/** The driver's side of a virtio transport. */
export interface DriverTransport {
  /** Resets the device, and waits for completion; false if it does not complete. */
  reset(): boolean;
  readonly status: number;
  /** Sets status bits, keeping those that are set. */
  raise(bits: number): void;
  /** With SUSPEND: suspends the device, and waits for completion; false if it does not complete. */
  suspend(): boolean;
  /** Resumes the device; false if it has lost its state, or does not complete. */
  resume(): boolean;
  readonly offered: BitSet;
  accept(features: BitSet): void;
  /** Ends the negotiation; false if the device rejects the accepted features. */
  closeFeatures(): boolean;
  /** Maximum entries of queue `index`; 0 if there is no such queue. */
  queueSize(index: number): number;
  /** With ADMIN_VQ: the index of the first administration virtqueue; null if there is none. */
  readonly adminQueue: number | null;
  setQueue(index: number, areas: QueueAreas): void;
  /** Maps a queue to an MSI-X entry; false if the device refuses, as read back. */
  setQueueVector(index: number, vector: number): boolean;
  setConfigVector(vector: number): boolean;
  /** The last step of setting up a queue. */
  enableQueue(index: number): void;
  /** With RING_RESET: resets one queue, and waits for completion; false if it does not complete. */
  resetQueue(index: number): boolean;
  /** @param position `DriverQueue.position`; with NOTIFICATION_DATA it is part of the written value. */
  notify(index: number, position: number): void;
  /** Reads the interrupt status, which clears it and lowers INTx. */
  takeInterruptStatus(): number;
  /** A field of the device configuration, read by one access. */
  readConfig(offset: number, width: Width): number;
  writeConfig(offset: number, value: number, width: Width): void;
  /** A field that needs several accesses, read consistently. */
  readConfigBytes(offset: number, length: number): Uint8Array;
}
