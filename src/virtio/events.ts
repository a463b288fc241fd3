import type { BitSet } from '../core/bit-set.ts';
import type { Width } from '../core/bits.ts';
import type { Register } from '../core/register.ts';
import type { QueueEvents } from './queue/events.ts';

/** The two ways to a virtio function: the header behind BAR0, and the structures that capabilities tell of. */
export type Interface = 'legacy' | 'modern';

/** What is odd about a capability that a driver should pass over, or take no notice of. */
export type Oddity = 'reserved type' | 'reserved BAR' | 'second' | 'second to a padded' | 'second to a long';

/** Why an access through the window in configuration space leads nowhere. */
export type WindowFault = 'outside' | 'unaligned';

/** What a driver does with the registers of a virtio function, by either interface. */
export interface RegisterEvents {
  /** A register is read, but not yet; null where none begins at that offset. */
  read(by: Interface, register: Register | null, offset: number, width: Width): void;
  /** A register is written, but not yet. */
  written(by: Interface, register: Register | null, offset: number, width: Width, value: number): void;
  /** What a read of the status gave. */
  statusRead(value: number): void;
  /**
   * The device configuration is accessed. `field` is how wide the field is that begins there, less than 0 if it began
   * before; 0 where the device type does not say.
   */
  configAccessed(by: Interface, offset: number, width: Width, field: number, write: boolean): void;
  /** The driver kicked, by the structure that is for it; `queue` has that address. */
  notifyWritten(queue: number, offset: number, width: Width, value: number): void;
  /** With the kick of a queue that runs it said where it goes on; `right`, if that is there. */
  positionTold(queue: number, position: number, right: boolean): void;
  /** The type of a virtio capability was read. */
  capabilityRead(): void;
  /** Configuration space was written: `at` bytes into the virtio capability that the write touches; -1, none. */
  configSpaceWritten(at: number, width: Width): void;
  /** The driver acted through the window in configuration space. */
  windowUsed(bar: number, offset: number, length: number, fault: WindowFault | null): void;
  /** The driver came, by a capability that is odd, to the structure of this name. */
  decoyUsed(oddity: Oddity, name: string, offset: number): void;
  /** An access to the base address of the structures came to none of them. */
  structureMissed(offset: number, width: Width): void;
  /** MSI-X was enabled or disabled. */
  msixSwitched(on: boolean): void;
  /** The device sent an interrupt for a queue. */
  interrupted(): void;
}

/** What a virtio device tells whoever watches its driver; null is nobody. Device types add their own. */
export interface VirtioEvents extends RegisterEvents {
  /** Who is told of each queue. */
  readonly rings: readonly QueueEvents[];
  /** Power came on, or the platform was reset: no driver has been here. */
  power(): void;
  /** The driver wrote 0 to the status. */
  reset(): void;
  /** The status after a write of it; `dropped` is what the device refused of it. */
  statusChanged(status: number, dropped: number): void;
  /** What is accepted now, and whether it is the legacy interface that is in use; also after a reset, when nothing is. */
  negotiated(accepted: BitSet, legacy: boolean): void;
  /** The modern interface's queue_enable had its effect. */
  enabled(queue: number): void;
  /** It serves nothing until it is reset; a modern device says so by DEVICE_NEEDS_RESET. */
  brokeDown(): void;
  /** A vector that the table has was not given, for want of resources. */
  vectorRefused(): void;
  /** A queue was kicked, by whatever interface; without `open` the kick is lost: bus mastering is off. */
  kicked(queue: number, open: boolean): void;
}
