/* Packed ring: the same four steps. Included by main.c. */
#include "queue.h"

static bool packed_indirect(struct packed_queue *q, const struct descriptor *d, bool alone) {
  const struct descriptor *table = indirect_table(q->ram, d);
  if (!q->indirect || !alone || !table) return false;
  for (uint32_t i = 0; i < d->len / 16; i++)
    if (!add_segment(&q->chain, q->ram, &table[i], table[i].packed.flags & WRITE, q->size)) return false;
  return true;
}

static inline bool packed_stop(struct packed_queue *q) {
  q->broken = true;
  return false;
}

static inline bool packed_pop(struct packed_queue *q) {
  struct chain *chain = &q->chain;
  uint32_t slot = q->next_avail;
  uint16_t available = q->available;
  if (q->broken) return false;
  chain->count = 0;
  chain->readable = chain->writable = 0;
  for (uint32_t slots = 1; slots <= q->size; slots++) {
    const struct descriptor *d = &q->ring[slot];
    uint16_t flags = __atomic_load_n(&d->packed.flags, __ATOMIC_ACQUIRE);
    if ((flags ^ available) & (AVAIL | USED)) {
      if (slots > 1) return packed_stop(q);
      if (q->event_idx) {
        q->device[0] = slot | (available == AVAIL ? 0x8000 : 0);
        q->device[1] = 2;
      }
      return false;
    }
    if (flags & INDIRECT) {
      if ((flags & NEXT) || !packed_indirect(q, d, slots == 1)) return packed_stop(q);
    } else if (!add_segment(chain, q->ram, d, flags & WRITE, q->size))
      return packed_stop(q);
    if (++slot == q->size) {
      slot = 0;
      available ^= AVAIL | USED;
    }
    if (flags & NEXT) continue;
    uint32_t id = d->packed.id;
    if (q->slots[id]) return packed_stop(q);
    q->slots[id] = slots;
    chain->id = id;
    q->next_avail = slot;
    q->available = available;
    return true;
  }
  return packed_stop(q);
}

static inline void packed_push(struct packed_queue *q, uint32_t id, uint32_t written) {
  struct descriptor *d = &q->ring[q->next_used];
  uint32_t word = (uint32_t)(q->used | (written ? WRITE : 0)) << 16 | id;
  d->len = written;
  if (q->held)
    d->word = word;
  else {
    q->held = d;
    q->held_word = word;
  }
  q->next_used += q->slots[id];
  q->slots[id] = 0;
  if (q->next_used < q->size) return;
  q->next_used -= q->size;
  q->used ^= AVAIL | USED;
}

static inline void packed_flush(struct packed_queue *q) {
  if (!q->held) return;
  __atomic_store_n(&q->held->word, q->held_word, __ATOMIC_RELEASE);
  q->held = 0;
  uint32_t before = q->published;
  q->published = q->next_used;
  uint16_t flags = q->driver[1] & 3;
  if (flags == 2) {
    /* Indexes as if the ring went on: a lap ahead while the wrap counters differ. */
    bool wrap = q->driver[0] & 0x8000;
    uint16_t event = (q->driver[0] & 0x7fff) - (wrap == (q->used != 0) ? 0 : q->size);
    uint16_t old = before >= q->next_used ? before - q->size : before;
    q->interrupts += (uint16_t)(q->next_used - event - 1) < (uint16_t)(q->next_used - old);
  } else
    q->interrupts += flags == 0;
}
