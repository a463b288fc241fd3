import type { QueueEvents } from './events.ts';

/** Forwards to both; null for none. */
export function bothQueueEvents(first: QueueEvents | null, second: QueueEvents | null): QueueEvents | null {
  if (first === null || second === null) return first ?? second;
  return {
    placed: (queue, place) => {
      first.placed(queue, place);
      second.placed(queue, place);
    },
    taken: (queue, chain, indirect) => {
      first.taken(queue, chain, indirect);
      second.taken(queue, chain, indirect);
    },
    putBack: (queue, count) => {
      first.putBack(queue, count);
      second.putBack(queue, count);
    },
    used: (queue, id, written) => {
      first.used(queue, id, written);
      second.used(queue, id, written);
    },
    published: (queue, count) => {
      first.published(queue, count);
      second.published(queue, count);
    },
    dry: (queue, flags, at) => {
      first.dry(queue, flags, at);
      second.dry(queue, flags, at);
    },
    fault: (queue, fault, slot, value, other) => {
      first.fault(queue, fault, slot, value, other);
      second.fault(queue, fault, slot, value, other);
    },
    forgotten: (queue) => {
      first.forgotten(queue);
      second.forgotten(queue);
    },
  };
}
