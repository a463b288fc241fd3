export { completeChecksum } from './complete.ts';
export type { FrameSink } from './frame-sink.ts';
export type { Coalesced } from './gro-flow.ts';
export { type CoalescedSink, Gro4 } from './gro4.ts';
export { type Cut, Segmenter } from './segmenter.ts';
