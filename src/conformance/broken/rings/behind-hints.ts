import type { Gpa } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import {
  LEGACY_QUEUE_ALIGN,
  legacyQueueLayout,
  PVIRTQ_EVENT,
  pvirtq_event_suppress,
  virtq_avail,
  virtq_used,
  virtq_used_elem,
} from '../../../virtio/registers.ts';
import { behind, behindMemory } from '../behind.ts';
import { entriesOf } from './rewrite-rings.ts';

/**
 * A driver that reads from every ring that the device wants notifications: it always kicks. Rings are known by their
 * allocation.
 */
export function kicksAlways(port: GuestPort): GuestPort {
  const { memory } = port;
  const answers = new Map<Gpa, () => number>();
  const idxs = new Map<Gpa, number>();
  const learn = (at: Gpa, bytes: number, align: number) => {
    if (align === pvirtq_event_suppress.size)
      answers.set(at + pvirtq_event_suppress.offset.flags, () => PVIRTQ_EVENT.ENABLE);
    const size = align === LEGACY_QUEUE_ALIGN ? entriesOf(bytes) : undefined;
    if (size === undefined) return;
    const { avail, used } = legacyQueueLayout(size);
    const idx = at + avail + virtq_avail.offset.idx;
    idxs.set(idx, 0);
    answers.set(at + used, () => 0);
    // One behind the index that was just published.
    answers.set(
      at + used + virtq_used.size + size * virtq_used_elem.size,
      () => (idxs.get(idx)! - 1) & 0xffff,
    );
  };
  return behind(port, {
    allocate: (bytes, align) => {
      const at = port.allocate(bytes, align);
      learn(at, bytes, align);
      return at;
    },
    memory: {
      ...behindMemory(memory, (at, value, width) => {
        if (idxs.has(at)) idxs.set(at, value);
        memory.store(at, value, width);
      }),
      load: (at, width) => answers.get(at)?.() ?? memory.load(at, width),
    },
  });
}
