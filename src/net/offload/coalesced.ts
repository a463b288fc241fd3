import type { Cut } from './segmenter.ts';

/** Checksums of a received packet: good, bad, or none. */
export type Sums = 'good' | 'bad' | 'none';

/** A frame delivered by receive coalescing; the record and the frame are reused: copy what you keep. */
export interface Coalesced {
  frame: Uint8Array;
  /** The number of frames it was made of; 1 for an unchanged frame. */
  segments: number;
  /** How it must be cut to restore them; null for an unchanged frame, and for acknowledgments. */
  cut: Cut | null;
  /** Payload bytes of each segment but the last, which may be shorter; 0 without `cut`, as are the three below. */
  gsoSize: number;
  /** Length of the headers before the payload. */
  headerLength: number;
  /** Where the checksum begins and, from there, its field; the field holds the pseudo-header's sum. */
  csumStart: number;
  csumOffset: number;
  /** In a UDP tunnel, the place of the inner packet, or 0; the place of outer UDP; whether its checksum is partial. */
  within: number;
  outerTransport: number;
  outerOpen: boolean;
  /** A segment signals congestion. */
  ecn: boolean;
  /** Duplicate acknowledgments that were left out. */
  duplicates: number;
  /** For a reassembled datagram, its fragments, which the receiver may keep. Else null. */
  pieces: readonly Uint8Array[] | null;
  /** State of its checksums when they were checked. */
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
