/* Split ring: pop, walk, push, publish. Included by main.c, so that all of it can be inlined. */
#include "queue.h"

static bool split_walk(struct split_queue *q, const struct descriptor *table, uint32_t count, uint32_t i, bool nested) {
  struct chain *chain = &q->chain;
  for (uint32_t steps = 0; steps < count; steps++) {
    const struct descriptor *d = &table[i];
    uint16_t flags = d->split.flags;
    if (flags & INDIRECT) {
      const struct descriptor *inner = indirect_table(q->ram, d);
      if (nested || !q->indirect || (flags & NEXT) || !inner) break;
      return split_walk(q, inner, d->len / 16, 0, true);
    }
    if (!add_segment(chain, q->ram, d, flags & WRITE, q->size)) break;
    if (!(flags & NEXT)) return true;
    i = d->split.next;
    if (i >= count) break;
  }
  q->broken = true;
  return false;
}

static inline bool split_pop(struct split_queue *q) {
  if (q->broken) return false;
  uint16_t idx = __atomic_load_n(&q->avail[1], __ATOMIC_ACQUIRE);
  uint16_t pending = idx - q->next_avail;
  if (pending == 0) {
    if (q->event_idx) q->used[2 + q->size * 4] = q->next_avail;
    return false;
  }
  uint32_t head = q->avail[2 + (q->next_avail & (q->size - 1))];
  if (pending > q->size || head >= q->size || q->in_flight[head]) {
    q->broken = true;
    return false;
  }
  q->in_flight[head] = 1;
  q->next_avail++;
  q->chain.id = head;
  q->chain.count = 0;
  q->chain.readable = q->chain.writable = 0;
  return split_walk(q, q->desc, q->size, head, false);
}

static inline void split_push(struct split_queue *q, uint32_t id, uint32_t written) {
  uint32_t *element = (uint32_t *)&q->used[2] + (q->next_used++ & (q->size - 1)) * 2;
  element[0] = id;
  element[1] = written;
  q->in_flight[id] = 0;
}

static inline void split_flush(struct split_queue *q) {
  if (q->next_used == q->published) return;
  uint16_t before = q->published;
  q->published = q->next_used;
  __atomic_store_n(&q->used[1], q->next_used, __ATOMIC_RELEASE);
  if (q->event_idx) {
    uint16_t event = q->avail[2 + q->size];
    q->interrupts += (uint16_t)(q->next_used - event - 1) < (uint16_t)(q->next_used - before);
  } else
    q->interrupts += !(q->avail[0] & 1);
}
