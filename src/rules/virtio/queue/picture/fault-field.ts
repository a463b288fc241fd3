import type { RingFault } from '../../../../virtio/queue/events.ts';

/** Faults of a packed ring whose slot is in the ring, not in a table. */
const IN_RING: readonly RingFault[] = ['list unfinished', 'list too long', 'table in list', 'id in flight'];

/** The field that a fault is about, where that is certain. A picture itself marks what is odd about a descriptor. */
const FIELDS: Partial<Record<RingFault, (slot: number) => string>> = {
  'used flags': () => 'used.flags',
  'index ahead': () => 'avail.idx',
  'index swapped': () => 'avail.idx',
  'head beyond': (slot) => `avail.ring[${slot}]`,
  'head in flight': (slot) => `avail.ring[${slot}]`,
  'next astray': (slot) => `desc[${slot}].next`,
  'flags unknown': (slot) => `desc[${slot}].flags`,
  'list unfinished': (slot) => `desc[${slot}].flags`,
  'id in flight': (slot) => `desc[${slot}].id`,
};

export function isInRing(fault: RingFault): boolean {
  return IN_RING.includes(fault);
}

export function fieldOf(fault: RingFault, slot: number): string | null {
  return FIELDS[fault]?.(slot) ?? null;
}
