import type { Gpa } from '../../core/bits.ts';
import type { EventTable } from '../../core/compose.ts';
import type { Endian } from '../../core/struct.ts';
import type { Chain } from './virtqueue.ts';

export type { Chain };

/**
 * Faults that a device detects in a ring or its chains. A ring stops at most of these; "Goes on" marks the others.
 * The meaning of the event's `slot`, `value` and `other` is given in brackets; those left out are undefined.
 */
export type RingFault =
  /** An area does not lie in RAM [value: the address of the descriptors]. */
  | 'ring outside'
  /** An area of a packed ring is not aligned [value: the address of the descriptors]. */
  | 'ring unaligned'
  /** Goes on. The flags of the used ring are not 0 when the device first looks at the ring [value: the flags]. */
  | 'used flags'
  /** avail.idx is ahead by more than the ring [slot: the device's index, value: avail.idx, other: the size]. */
  | 'index ahead'
  /** With any fault, avail.idx makes more sense in the other byte order [value: as read, other: as it should be]. */
  | 'index swapped'
  /** A head is beyond the ring [slot: in the available ring, value: the head, other: the size]. */
  | 'head beyond'
  /** Goes on. A head is made available while the device has it [slot: in the available ring, value: the head]. */
  | 'head in flight'
  /** A next is beyond its table [slot: the descriptor, value: its next, other: entries of the table]. */
  | 'next beyond'
  /** Goes on. With IN_ORDER, a next in the ring is not the following descriptor [slot, value: its next]. */
  | 'next astray'
  /** Goes on. The same in an indirect table. */
  | 'table next astray'
  /** A split chain loops [value: its head]. */
  | 'chain endless'
  /** A chain has more buffers than the ring has entries [value: the size]. */
  | 'chain too long'
  /** A buffer has length 0 [slot: the descriptor, in its table]. */
  | 'buffer empty'
  /** A buffer does not lie in RAM [slot, value: its address, other: its length]. */
  | 'buffer outside'
  /** A buffer for the device to read follows one for it to write [slot]. */
  | 'buffer misplaced'
  /** Goes on. A descriptor has meaningless flags [slot: in its table, value: its flags]. */
  | 'flags unknown'
  /** Goes on. A descriptor has INDIRECT, which was not negotiated. */
  | 'table unasked'
  /** The length of an indirect table is 0, or not a multiple of its entries' [value: the length]. */
  | 'table length'
  /** An indirect table does not lie in RAM, or not on a multiple of 4 [value: its address]. */
  | 'table outside'
  /** Split: an entry of an indirect table has INDIRECT. */
  | 'table nested'
  /** Split, goes on with the table. A descriptor has both INDIRECT and NEXT. */
  | 'table with next'
  /** Packed, goes on. An entry of an indirect table has other flags than WRITE [slot: the entry, value: its flags]. */
  | 'table flags'
  /** Packed: an INDIRECT descriptor is in a list of several [slot]. */
  | 'table in list'
  /** Packed: a list's head is available, another of its descriptors is not [slot: that one]. */
  | 'list unfinished'
  /** Packed: a list is longer than the ring [slot: its head]. */
  | 'list too long'
  /** Packed: a buffer's id is that of one that the device still has [slot: its head, value: the id]. */
  | 'id in flight';

/** The location of a ring when the driver sets it up. */
export interface RingPlace {
  readonly packed: boolean;
  readonly endian: Endian;
  readonly size: number;
  readonly desc: Gpa;
  readonly driver: Gpa;
  readonly device: Gpa;
}

/**
 * Events of a device's rings for a watcher. Called for every chain: numbers only; `queue` is the index.
 *
 * The rings report them, so a chain is `used` when its entry is put into the ring. If a completion policy delays what
 * the device has finished, that is later than the device's `push`: until then the driver has not got it back.
 */
export interface QueueEvents {
  /** The driver configured the queue. Faults of that are reported next. */
  placed(queue: number, place: RingPlace): void;
  /** The device took a chain, `indirect` if some of its buffers are in a table; the object is reused. */
  taken(queue: number, chain: Chain, indirect: boolean): void;
  /** The device put the last `count` chains back. */
  putBack(queue: number, count: number): void;
  /** The device is done with chain `id`, wrote that many bytes, and is about to put it into the used ring. */
  used(queue: number, id: number, written: number): void;
  /** The device published `count` chains: they are visible to the driver, which has not been interrupted yet. */
  published(queue: number, count: number): void;
  /**
   * The device looked for a chain and there was none. `flags`: avail.flags, or those of the driver's event structure.
   * `at`: its position, avail.idx or the slot with the wrap counter in bit 15. It enables kicks after this.
   */
  dry(queue: number, flags: number, at: number): void;
  /** The driver made a fault; for a chain, before it is taken. */
  fault(queue: number, fault: RingFault, slot: number, value: number, other: number): void;
  /** The queue was reset: outstanding chains are lost. */
  forgotten(queue: number): void;
}

export const QUEUE_EVENTS = {
  placed: 2,
  taken: 3,
  putBack: 2,
  used: 3,
  published: 2,
  dry: 3,
  fault: 5,
  forgotten: 1,
} as const satisfies EventTable<QueueEvents>;
