import type { Rules } from '../../core/rule.ts';
import { SOURCE } from './facts.ts';

interface MemoryKnows {
  readonly subject: string;
  /** What the memory is for, to the device; null for nothing. */
  readonly freed: string | null;
}

/** Rules for the memory that a device has. */
export const GVNIC_MEMORY = {
  'gvnic/MEM-FREED': {
    where: SOURCE,
    text: 'A driver MUST NOT give memory back to its allocator while the device may write or read it.',
    advice:
      'Destroy the queue, take the list back, end the statistics, or reset the device; wait for that, then free.',
    on: 'freed',
    kept: (k) => k.freed === null,
    said: (k) => `memory of ${k.freed} was given back`,
  },
} as const satisfies Rules<MemoryKnows>;
