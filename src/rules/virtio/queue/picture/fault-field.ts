import type { RingFault } from '../../../../virtio/queue/events.ts';

/** Of a packed ring, the faults whose slot is one of the ring, not of a table. */
const IN_RING: readonly RingFault[] = ['list unfinished', 'list too long', 'table in list', 'id in flight'];

/** The field that a fault is about, where that is certain. Of a descriptor a picture shows by itself what is odd. */
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
