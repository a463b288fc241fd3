import type { GuestPort } from '../../core/guest-port.ts';
import {
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  virtq_used,
  virtq_used_elem,
} from '../../virtio/registers.ts';
import { behind, behindMemory } from './behind.ts';
import { entriesOf } from './rewrite-rings.ts';

/**
 * Each length in the used ring of a legacy queue, in the order in which the queues are made, reads as `rewrite`
 * returns.
 */
export function rewriteLengths(
  port: GuestPort,
  ring: number,
  rewrite: (length: number) => number,
): GuestPort {
  const { memory } = port;
  let made = 0;
  let [first, last] = [0, 0];
  return behind(port, {
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      const size = align === LEGACY_QUEUE_ALIGN ? entriesOf(bytes) : undefined;
      if (size === undefined || made++ !== ring) return at;
      first = at + legacyQueueLayout(size).used + virtq_used.size + virtq_used_elem.offset.len;
      last = first + size * virtq_used_elem.size;
      return at;
    },
    memory: {
      ...behindMemory(memory),
      load: (address, width) => {
        const value = memory.load(address, width);
        const isLength = address >= first && address < last && (address - first) % virtq_used_elem.size === 0;
        return isLength ? rewrite(value) : value;
      },
    },
  });
}
