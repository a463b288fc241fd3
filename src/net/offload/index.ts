export type { Coalesced, Sums } from './coalesced.ts';
export { type CoalescedSink, Coalescer } from './coalescer.ts';
export { completeChecksum, computeChecksum } from './complete.ts';
export type { FrameSink } from './fragmenter.ts';
export { type Joins, NO_JOINS, sumsOf } from './joins.ts';
export { Reassembler } from './reassembler.ts';
export { type Cut, Segmenter } from './segmenter.ts';
