import { type Case, judged, known } from './play.ts';

/** Each says more than it has: of a ring, or of a buffer. */
export const MEMORY_CASES: readonly Case[] = known(
  ['virtio/VQ-SPLIT-LEG-D3', 'virtio/NET-FRAME-LEG-D7', 'virtio/NET-IMP-11'],
  judged,
);
