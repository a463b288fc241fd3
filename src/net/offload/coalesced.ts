import type { Cut } from './segmenter.ts';

/** Sums of a packet that came: they hold, they do not, or there are none. */
export type Sums = 'good' | 'bad' | 'none';

/** A frame as receive coalescing hands it on; the record and the frame are reused: copy what you keep. */
export interface Coalesced {
  frame: Uint8Array;
  /** How many frames it was made of; 1: it is as it came. */
  segments: number;
  /** How it is to be cut to have them again; null as it came, and for acknowledgments. */
  cut: Cut | null;
  /** Payload bytes of each segment but the last, which may be shorter; 0 without `cut`, as are the three below. */
  gsoSize: number;
  /** Bytes before the payload. */
  headerLength: number;
  /** Where the sum begins and where, from there, its field lies; the field holds the pseudo-header's sum. */
  csumStart: number;
  csumOffset: number;
  /** Of a packet that goes through a tunnel over UDP, where it begins; 0 for none. Where UDP around it does, and whether the sum there is as open. */
  within: number;
  outerTransport: number;
  outerOpen: boolean;
  /** A segment tells of congestion. */
  ecn: boolean;
  /** Acknowledgments that said the same as one before, and were left out. */
  duplicates: number;
  /** Of fragments that were put together, themselves; they are the taker's. Else null. */
  pieces: readonly Uint8Array[] | null;
  /** What its sums were, when they were looked at. */
  sums: Sums;
}

/** A record to be filled in. */
export function blank(): Coalesced {
  return {
    frame: new Uint8Array(0),
    segments: 0,
    cut: null,
    gsoSize: 0,
    headerLength: 0,
    csumStart: 0,
    csumOffset: 0,
    within: 0,
    outerTransport: 0,
    outerOpen: false,
    ecn: false,
    duplicates: 0,
    pieces: null,
    sums: 'none',
  };
}
