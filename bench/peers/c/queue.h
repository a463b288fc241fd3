/*
 * A lean device's end of a virtqueue, in C, as the measure of ours: the same checks, nothing else.
 * Every index, address and length is checked before use; a ring that breaks a rule stops (pop says 0 for good).
 */
#ifndef QUEUE_H
#define QUEUE_H
#include <stdbool.h>
#include <stdint.h>

enum { NEXT = 1, WRITE = 2, INDIRECT = 4, AVAIL = 0x80, USED = 0x8000 };
enum { MAX_SIZE = 4096, IDS = 0x10000 };

struct descriptor {
  uint64_t addr;
  uint32_t len;
  union {
    struct { uint16_t flags, next; } split;
    struct { uint16_t id, flags; } packed;
    uint32_t word; /* both halves, to be stored at once */
  };
};

/* Guest RAM: one range from address 0. */
struct ram {
  uint8_t *bytes;
  uint64_t size;
};

struct segment {
  uint8_t *at;
  uint32_t len;
  uint32_t write;
};

struct chain {
  uint32_t id, count;
  uint64_t readable, writable;
  struct segment segments[MAX_SIZE];
};

/* One segment more, if it keeps the rules: not empty, inside RAM, not readable after writable, not one too many. */
static inline bool add_segment(struct chain *chain, const struct ram *ram, const struct descriptor *descriptor,
                               uint32_t write, uint32_t most) {
  uint64_t addr = descriptor->addr;
  uint32_t len = descriptor->len;
  if (len == 0 || addr > ram->size || len > ram->size - addr || chain->count == most) return false;
  if (write)
    chain->writable += len;
  else if (chain->writable)
    return false;
  else
    chain->readable += len;
  chain->segments[chain->count++] = (struct segment){ram->bytes + addr, len, write};
  return true;
}

/* The table that an indirect descriptor names; NULL if it breaks a rule. */
static inline const struct descriptor *indirect_table(const struct ram *ram, const struct descriptor *descriptor) {
  uint64_t addr = descriptor->addr;
  uint32_t len = descriptor->len;
  if (len == 0 || len % 16 || addr % 4 || addr > ram->size || len > ram->size - addr) return 0;
  return (const struct descriptor *)(ram->bytes + addr);
}

struct split_queue {
  const struct ram *ram;
  struct descriptor *desc;
  uint16_t *avail;
  uint16_t *used;
  uint32_t size;
  uint16_t next_avail, next_used, published;
  bool indirect, event_idx, broken;
  uint64_t interrupts;
  uint8_t in_flight[MAX_SIZE];
  struct chain chain;
};

struct packed_queue {
  const struct ram *ram;
  struct descriptor *ring;
  uint16_t *driver;
  uint16_t *device;
  uint32_t size;
  uint32_t next_avail, next_used, published;
  /* AVAIL and USED of a descriptor that is available, and of one that is used. */
  uint16_t available, used;
  bool indirect, event_idx, broken;
  uint64_t interrupts;
  /* The first used descriptor of a batch is published last. */
  struct descriptor *held;
  uint32_t held_word;
  uint16_t slots[IDS];
  struct chain chain;
};

#endif
