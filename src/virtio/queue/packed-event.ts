import { PVIRTQ_DESC_F, PVIRTQ_EVENT_WRAP, pvirtq_desc } from '../registers.ts';

const { AVAIL, USED } = PVIRTQ_DESC_F;
const DESC_WORDS = pvirtq_desc.size / 4;

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

/**
 * Whether `told` is where a driver puts its next descriptor, in a packed ring of which the device has taken all before
 * slot `next`: the descriptors between are available, and the following one is not.
 *
 * @param words the ring.
 * @param wrap the driver's wrap counter at `next`.
 * @param told the offset, with the driver's wrap counter in bit 15 (virtio 1.4, Driver notifications).
 */
export function isNextOfDriver(
  words: Int32Array,
  size: number,
  next: number,
  wrap: boolean,
  told: number,
): boolean {
  const offset = told & ~PVIRTQ_EVENT_WRAP;
  const toldWrap = (told & PVIRTQ_EVENT_WRAP) !== 0;
  const ahead = offset - next + (toldWrap === wrap ? 0 : size);
  if (offset >= size || ahead < 0 || ahead > size) return false;
  if (isAvailable(words, offset, toldWrap)) return false;
  return ahead === 0 || isAvailable(words, (offset || size) - 1, offset === 0 ? !toldWrap : toldWrap);
}

function isAvailable(words: Int32Array, slot: number, wrap: boolean): boolean {
  return ((words[slot * DESC_WORDS + 3]! >>> 16) & (AVAIL | USED)) === (wrap ? AVAIL : USED);
}
