/* SPDX-License-Identifier: MIT-0 */
/* A legacy virtio function on PCI, and polled split virtqueues of it: virtio 1.4, 4.1 and 2.7. */
#ifndef VIRTIO_H
#define VIRTIO_H

#include "guestrig.h"

enum { READ = 0, NEXT = 1, WRITE = 2 };
static const uint64_t MILLISECOND = 1000000, SECOND = 1000000000;

struct desc {
  uint64_t address;
  uint32_t length;
  uint16_t flags;
  uint16_t next;
};

struct avail {
  uint16_t flags;
  uint16_t index;
  uint16_t ring[];
};

struct used {
  uint16_t flags;
  uint16_t index;
  struct {
    uint32_t id;
    uint32_t length;
  } ring[];
};

/* One chain of buffers at a time. */
struct queue {
  uint32_t base;
  uint16_t number;
  uint16_t size;
  uint16_t added;
  volatile struct desc *desc;
  volatile struct avail *avail;
  volatile struct used *used;
};

struct piece {
  void *at;
  uint32_t length;
  uint16_t access;
};

/* Finds the function's registers, resets it, and sets ACKNOWLEDGE and DRIVER; 0 if it does not answer. */
uint32_t virtio_start(uint32_t bdf);
/* Accepts these features, all of which it must offer. */
void virtio_features(uint32_t base, uint32_t features);
struct queue *virtio_queue(uint32_t base, uint16_t number);
void virtio_ready(uint32_t base);
/* The function is reset, and no longer accesses memory. */
void virtio_stop(uint32_t bdf, uint32_t base);

/* Makes a chain of `count` pieces available. */
void queue_offer(struct queue *queue, const struct piece *pieces, uint16_t count);
/* Whether the device is done with what it was offered. */
int queue_is_done(void *queue);
/* How many bytes it wrote. */
uint32_t queue_written(const struct queue *queue);

#endif
