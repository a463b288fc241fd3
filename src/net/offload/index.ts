export { completeChecksum } from './complete.ts';
export type { Coalesced } from './gro-flow.ts';
export { type CoalescedSink, Gro4 } from './gro4.ts';
export { type FrameSink, Tso4 } from './tso4.ts';
