import { PVIRTQ_EVENT_WRAP } from '../registers.ts';

/**
 * Whether a ring of `size` descriptors passed the one that an event structure names, on the way from `before` to
 * `now` (virtio 1.4, Event Suppression Structure Format). Indexes are compared as if the ring continued: one lap apart
 * if the wrap counters differ. A distance of zero counts as a whole lap.
 */
export function passedEvent(desc: number, wrap: boolean, before: number, now: number, size: number): boolean {
  const lap = ((desc & PVIRTQ_EVENT_WRAP) !== 0) === wrap ? 0 : size;
  const event = (desc & ~PVIRTQ_EVENT_WRAP) - lap;
  const old = before >= now ? before - size : before;
  return ((now - event - 1) & 0xffff) < ((now - old) & 0xffff);
}
