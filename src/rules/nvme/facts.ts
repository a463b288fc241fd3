import type { GuestMemory } from '../../core/memory.ts';
import type { StoreWatch } from '../virtio/stores/store-watch.ts';

/** A namespace, to its driver. */
export interface NamespaceSize {
  readonly blocks: number;
  readonly blockSize: number;
}

/** What the watch of an NVMe controller's driver knows of the controller. */
export interface NvmeFacts {
  readonly subject: string;
  readonly memory: GuestMemory;
  /** Pairs of I/O queues that it grants. */
  readonly queues: number;
  /** Entries of an I/O queue at most. */
  readonly entries: number;
  /** Bytes from a doorbell to the next. */
  readonly stride: number;
  /** Bytes that a command moves at most. */
  readonly bytesMost: number;
  /** Requests for events at a time. */
  readonly requests: number;
  /** Opcodes of I/O commands that it has. */
  readonly opcodes: readonly number[];
  /** Data of I/O commands may be described by SGLs; arbitration may be weighted; Compare and Write may be one. */
  readonly sgl: boolean;
  readonly weighted: boolean;
  readonly fused: boolean;
  /** NN: the highest number that a namespace may have. */
  readonly namespacesMost: number;
  readonly csts: number;
  /** Abort commands at a time. */
  readonly aborts: number;
  /** Vectors of its MSI-X table; whether messages are in use. */
  readonly vectors: number;
  readonly canSignal: boolean;
  /** What keeps interrupts of a vector from the processor, in words; null for nothing, and where the driver takes none. */
  heldBack(vector: number): string | null;
  /** Calls `listener` when the machine is put to sleep, or turned off. */
  onSleep(listener: () => void): void;
  /** It looks at doorbells late: commands are its own before it takes them. */
  readonly isLate: boolean;
  /** A namespace that is there; null of others. */
  namespaceAt(nsid: number): NamespaceSize | null;
  /** The watch of the guest's accesses to RAM; null for none. */
  readonly stores: Pick<StoreWatch, 'watch' | 'leave' | 'onFreed' | 'parts' | 'allocations'> | null;
}
