import type { BitSet } from '../core/bit-set.ts';
import type { Width } from '../core/bits.ts';
import type { EventTable } from '../core/compose.ts';
import type { Register } from '../core/register.ts';
import type { QueueEvents } from './queue/events.ts';

/** The two interfaces of a virtio function: the header behind BAR0, and the structures that capabilities describe. */
export type Interface = 'legacy' | 'modern';

/** Kinds of odd capability that a driver should skip or ignore. */
export type Oddity = 'reserved type' | 'reserved BAR' | 'second' | 'second to a padded' | 'second to a long';

/** What a driver reads of configuration space: a capability with a reserved BAR, or a base address that does not exist. */
export type BaseSought = 'capability' | 'base' | 'elsewhere';

/** Why an access through the window in configuration space has no target. */
export type WindowFault = 'outside' | 'unaligned';

/** A driver's accesses to the registers of a virtio function, by either interface. */
interface RegisterEvents {
  /** A register is about to be read; null if none begins at that offset. */
  read(by: Interface, register: Register | null, offset: number, width: Width): void;
  /** A register is about to be written, other than that of kicks. */
  written(by: Interface, register: Register | null, offset: number, width: Width, value: number): void;
  /** The value of a status read. */
  statusRead(value: number): void;
  /** The value of ISR, which its reading cleared. */
  isrTaken(value: number): void;
  /**
   * The device configuration is accessed. `field` is the width of the field that begins there, negative if it began
   * before; 0 if the device type does not define fields.
   */
  configAccessed(by: Interface, offset: number, width: Width, field: number, write: boolean): void;
  /**
   * The driver writes a kick: by the legacy interface to its register, by the modern one into the notify structure, where
   * `queue` has that address, -1 if none has.
   */
  notifyWritten(by: Interface, queue: number, offset: number, width: Width, value: number): void;
  /** The kick of a running queue gave the next offset; `right` if it is correct. */
  positionTold(queue: number, position: number, right: boolean): void;
  /** The type of a virtio capability was read. */
  capabilityRead(): void;
  /** Configuration space was read, where there is a capability with a reserved BAR. */
  baseSought(sought: BaseSought): void;
  /** Configuration space was written: `at` bytes into the virtio capability that the write touches; -1 for none. */
  configSpaceWritten(at: number, width: Width): void;
  /** The driver acted through the window in configuration space. */
  windowUsed(bar: number, offset: number, length: number, fault: WindowFault | null): void;
  /** The driver reached the structure of this name by an odd capability. */
  decoyUsed(oddity: Oddity, name: string, offset: number): void;
  /** An access to the BAR of the structures reached none of them. */
  structureMissed(offset: number, width: Width): void;
  /** MSI-X was enabled or disabled. */
  msixSwitched(on: boolean): void;
  /** The device sent an interrupt for a queue. */
  interrupted(): void;
}

/** What a virtio device reports to the watcher of its driver; null for no watcher. Device types add their own events. */
export interface VirtioEvents extends RegisterEvents {
  /** The watchers of each queue. */
  readonly rings: readonly QueueEvents[];
  /** The driver wrote 0 to the status; or power came on, or the platform was reset: the state of no driver is left. */
  reset(powered: boolean): void;
  /** The status after a write; `dropped` are the bits that the device refused. */
  statusChanged(status: number, dropped: number): void;
  /** The accepted features, and whether the legacy interface is in use; also after a reset, when none is accepted. */
  negotiated(accepted: BitSet, legacy: boolean): void;
  /** The modern interface's queue_enable took effect. */
  enabled(queue: number): void;
  /** The device serves nothing until it is reset; a modern device sets DEVICE_NEEDS_RESET. */
  brokeDown(): void;
  /** A vector of the table was refused, for lack of resources. */
  vectorRefused(): void;
  /** A queue was kicked, by either interface; without `open` the kick is lost: bus mastering is off. */
  kicked(queue: number, open: boolean): void;
}

export const VIRTIO_EVENTS = {
  read: 4,
  written: 5,
  statusRead: 1,
  isrTaken: 1,
  configAccessed: 5,
  notifyWritten: 5,
  positionTold: 3,
  capabilityRead: 0,
  baseSought: 1,
  configSpaceWritten: 2,
  windowUsed: 4,
  decoyUsed: 3,
  structureMissed: 2,
  msixSwitched: 1,
  interrupted: 0,
  reset: 1,
  statusChanged: 2,
  negotiated: 2,
  enabled: 1,
  brokeDown: 0,
  vectorRefused: 0,
  kicked: 2,
} as const satisfies EventTable<VirtioEvents>;
