import type { Gpa } from '../../../core/bits.ts';
import type { Knows } from '../../../core/watch.ts';
import type { RingFault, RingPlace } from '../../../virtio/queue/events.ts';

/**
 * `placed`: a ring was handed over. `stale`: it was not new. `chain`: a chain was taken. `dry`: there was none. `elsewhere`: there was one where
 * a ring of another size would have it. `astray`: the driver kicks for what it puts elsewhere. And each fault.
 */
export type RingMoment = 'placed' | 'stale' | 'chain' | 'dry' | 'elsewhere' | 'astray' | RingFault;

/** What the rules know of a ring. Of a chain they know only its shape, by which chains are counted and judged. */
export interface RingKnows extends Knows {
  /** Null if there is no fault; then the numbers below are meaningless. */
  readonly broke: RingFault | null;
  readonly slot: number;
  readonly value: number;
  readonly other: number;

  /** used.idx before the device wrote it. */
  readonly stale: number;

  /** The chain has more than one buffer, */
  readonly many: boolean;
  /** one of them for the device to write, */
  readonly writes: boolean;
  /** some of them in an indirect table, */
  readonly table: boolean;
  /** and others are outstanding. */
  readonly others: boolean;

  /** The driver's flags when there was no chain. */
  readonly flags: number;

  /** EVENT_IDX, INDIRECT_DESC, IN_ORDER and ACCESS_PLATFORM were accepted. */
  readonly eventIdx: boolean;
  readonly tables: boolean;
  readonly inOrder: boolean;
  readonly accessPlatform: boolean;

  /** Where the ring lies, as handed over last. */
  readonly place: RingPlace | null;
  /** The legacy interface is in use. */
  readonly legacy: boolean;
  /** Entries of the smaller or larger ring that the driver laid out there; null if it did not. */
  readonly laidOut: number | null;
  /** Where else it has a ring, to which the device does not look, and why; null if that is not known. */
  readonly astray: string | null;
  /** Whether so many bytes from that address on lie in RAM; false if RAM is not known. */
  isRam(address: Gpa, length: number): boolean;
  /** The ring and the chain in question, as text. */
  readonly ringText: readonly string[];
}

/** `kept` of the rows that a fault breaks. */
export function faultless(k: RingKnows): boolean {
  return k.broke === null;
}

export function ringText(k: RingKnows): readonly string[] {
  return k.ringText;
}

/** The chain that a device took last, of any queue: the event on its content comes next. */
export interface TakenChain {
  /** Some of its buffers are in a table. */
  indirect: boolean;
}
