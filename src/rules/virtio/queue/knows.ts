import type { Knows } from '../../../core/watch.ts';
import type { RingFault, RingPlace } from '../../../virtio/queue/events.ts';

/**
 * What is told of a ring: that it was handed over, that a chain was taken, that there was none, that there was one where a smaller
 * ring would have it, and each fault.
 */
export type RingMoment = 'placed' | 'chain' | 'dry' | 'elsewhere' | RingFault;

/** What the rules know of a ring. Of a chain they know its shape, for chains are counted and judged by their shapes. */
export interface RingKnows extends Knows {
  /** Null when all is well; then the numbers below mean nothing. */
  readonly broke: RingFault | null;
  readonly slot: number;
  readonly value: number;
  readonly other: number;

  /** The chain has more than one buffer, */
  readonly many: boolean;
  /** one of them for the device to write, */
  readonly writes: boolean;
  /** some of them in an indirect table, */
  readonly table: boolean;
  /** and others are outstanding. */
  readonly others: boolean;

  /** What the driver's flags were when there was no chain. */
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
  /** Entries of the smaller ring that somebody laid out there, if somebody did. */
  readonly smaller: number | null;
  /** What a legacy driver wrote for where the ring is, if that would be an address in RAM; else null. */
  readonly pageNumber: number | null;
  /** The ring and the chain in question, as text. */
  readonly ringText: readonly string[];
}

/** Of the rows that a fault breaks. */
export function faultless(k: RingKnows): boolean {
  return k.broke === null;
}

export function ringText(k: RingKnows): readonly string[] {
  return k.ringText;
}
