/*
 * Reads orders (see bench/virtqueue/order.ts) from its input, a line each; answers with CPU nanoseconds, chains
 * used and bytes named. Loading the image is not measured.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "packed.c"
#include "split.c"

struct order {
  char image[1024];
  unsigned packed, desc, driver, device, lap0, lap1, size, chains, stride, head_flags, indirect, event_idx, monitored;
  unsigned copy, answer, chain_bytes, batch, repeats, heap;
};

static struct ram ram = {0, 2 << 20};
static uint8_t host[1 << 16];
static struct split_queue split;
static struct packed_queue packed;
static uint64_t chains, bytes;

static bool read_order(struct order *o) {
  return scanf("%1023s %u %u %u %u %u %u %u %u %u %u %u %u %u %u %u %u %u %u %u", o->image, &o->packed, &o->desc, &o->driver,
               &o->device, &o->lap0, &o->lap1, &o->size, &o->chains, &o->stride, &o->head_flags, &o->indirect,
               &o->event_idx, &o->monitored, &o->copy, &o->answer, &o->chain_bytes, &o->batch, &o->repeats, &o->heap) == 20;
}

static void load(const struct order *o) {
  FILE *file = fopen(o->image, "rb");
  if (!file || fread(ram.bytes, 1, ram.size, file) != ram.size) exit(1);
  fclose(file);
  memset(&split, 0, sizeof split);
  memset(&packed, 0, sizeof packed);
  split.ram = packed.ram = &ram;
  split.size = packed.size = o->size;
  split.indirect = packed.indirect = o->indirect;
  split.event_idx = packed.event_idx = o->event_idx;
  split.desc = packed.ring = (struct descriptor *)(ram.bytes + o->desc);
  split.avail = packed.driver = (uint16_t *)(ram.bytes + o->driver);
  split.used = packed.device = (uint16_t *)(ram.bytes + o->device);
  packed.available = AVAIL;
  packed.used = AVAIL | USED;
}

/* Readable bytes are gathered into a buffer of the host's, writable ones filled from it. */
static inline uint32_t copy_chain(const struct chain *chain) {
  uint8_t *at = host;
  uint32_t i = 0;
  for (; i < chain->count && !chain->segments[i].write; i++) {
    memcpy(at, chain->segments[i].at, chain->segments[i].len);
    at += chain->segments[i].len;
  }
  const uint8_t *from = host;
  for (; i < chain->count; i++) {
    memcpy(chain->segments[i].at, from, chain->segments[i].len);
    from += chain->segments[i].len;
  }
  return from - host;
}

static inline void run_split(const struct order *o, bool copy) {
  struct chain *chain = &split.chain;
  uint16_t *idx = &split.avail[1];
  for (unsigned i = 0; i < o->repeats; i++) {
    __atomic_store_n(idx, *idx + o->batch, __ATOMIC_RELEASE);
    while (split_pop(&split)) {
      chains++;
      bytes += chain->readable + chain->writable;
      split_push(&split, chain->id, copy ? copy_chain(chain) : chain->writable);
    }
    split_flush(&split);
  }
}

static inline void run_packed(const struct order *o, bool copy) {
  struct chain *chain = &packed.chain;
  uint32_t next = 0;
  bool wrap = true;
  for (unsigned i = 0; i < o->repeats; i++) {
    if (next == o->chains) {
      next = 0;
      wrap = !wrap;
      memcpy(packed.ring, ram.bytes + (wrap ? o->lap1 : o->lap0), o->size * 16);
    }
    uint32_t *head = &packed.ring[next * o->stride].word;
    __atomic_store_n(head, (o->head_flags | (wrap ? AVAIL : USED)) << 16 | next, __ATOMIC_RELEASE);
    next += o->batch;
    while (packed_pop(&packed)) {
      chains++;
      bytes += chain->readable + chain->writable;
      packed_push(&packed, chain->id, copy ? copy_chain(chain) : chain->writable);
    }
    packed_flush(&packed);
  }
}

static uint64_t cpu_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

int main(void) {
  struct order o;
  ram.bytes = aligned_alloc(4096, ram.size);
  printf("ready lean C, %s\n", COMPILER);
  fflush(stdout);
  while (read_order(&o)) {
    load(&o);
    chains = bytes = 0;
    uint64_t before = cpu_ns();
    if (o.packed && o.copy)
      run_packed(&o, true);
    else if (o.packed)
      run_packed(&o, false);
    else if (o.copy)
      run_split(&o, true);
    else
      run_split(&o, false);
    uint64_t spent = cpu_ns() - before;
    printf("%llu %llu %llu -1\n", (unsigned long long)spent, (unsigned long long)chains, (unsigned long long)bytes);
    fflush(stdout);
  }
}
