/* SPDX-License-Identifier: MIT-0 */
#include "virtio.h"

enum { CONFADD = 0xcf8, CONFDATA = 0xcfc };
enum { COMMAND = 0x04, BAR0 = 0x10, IO_SPACE = 0x01, BUS_MASTER = 0x04 };
/* virtio 1.4, 4.1.4.8: the legacy registers. */
enum { DEVICE_FEATURES = 0, DRIVER_FEATURES = 4, QUEUE_ADDRESS = 8, QUEUE_SIZE = 12, QUEUE_SELECT = 14 };
enum { QUEUE_NOTIFY = 16, STATUS = 18 };
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4 };
enum { NO_INTERRUPT = 1, PAGE = 4096 };

static int is_reset(void *base) {
  return in8((uint32_t)base + STATUS) == 0;
}

/* Command of a PCI function, at which CONFDATA then stands. */
static uint16_t command(uint32_t bdf) {
  out32(CONFADD, 0x80000000 + bdf * 256 + COMMAND);
  return in16(CONFDATA);
}

uint32_t virtio_start(uint32_t bdf) {
  out16(CONFDATA, command(bdf) | IO_SPACE | BUS_MASTER);
  out32(CONFADD, 0x80000000 + bdf * 256 + BAR0);
  uint32_t base = in32(CONFDATA) & 0xfffc;
  out8(base + STATUS, 0);
  if (!wait_until(is_reset, (void *)base, SECOND)) return 0;
  out8(base + STATUS, ACKNOWLEDGE);
  out8(base + STATUS, ACKNOWLEDGE | DRIVER);
  return base;
}

void virtio_features(uint32_t base, uint32_t features) {
  out32(base + DRIVER_FEATURES, in32(base + DEVICE_FEATURES) & features);
}

struct queue *virtio_queue(uint32_t base, uint16_t number) {
  out16(base + QUEUE_SELECT, number);
  uint32_t size = in16(base + QUEUE_SIZE);
  if (size == 0) return 0;
  uint32_t used = (18 * size + 6 + PAGE - 1) & ~(PAGE - 1);
  char *ring = allocate(used + 8 * size + 6, PAGE);
  out32(base + QUEUE_ADDRESS, (uint32_t)ring / PAGE);
  struct queue *queue = allocate(sizeof *queue, 16);
  queue->base = base;
  queue->number = number;
  queue->size = size;
  queue->desc = (struct desc *)ring;
  queue->avail = (struct avail *)(ring + 16 * size);
  queue->used = (struct used *)(ring + used);
  queue->avail->flags = NO_INTERRUPT;
  return queue;
}

void virtio_stop(uint32_t bdf, uint32_t base) {
  out8(base + STATUS, 0);
  wait_until(is_reset, (void *)base, SECOND);
  out16(CONFDATA, command(bdf) & ~BUS_MASTER);
}

void virtio_ready(uint32_t base) {
  out8(base + STATUS, ACKNOWLEDGE | DRIVER | DRIVER_OK);
}

void queue_offer(struct queue *queue, const struct piece *pieces, uint16_t count) {
  for (uint16_t i = 0; i < count; i++) {
    volatile struct desc *desc = &queue->desc[i];
    desc->address = (uint32_t)pieces[i].at;
    desc->length = pieces[i].length;
    desc->flags = pieces[i].access | (i + 1 < count ? NEXT : 0);
    desc->next = i + 1;
  }
  queue->avail->ring[queue->added % queue->size] = 0;
  fence();
  queue->avail->index = ++queue->added;
  fence();
  out16(queue->base + QUEUE_NOTIFY, queue->number);
}

int queue_is_done(void *context) {
  const struct queue *queue = context;
  return queue->used->index == queue->added;
}

uint32_t queue_written(const struct queue *queue) {
  return queue->used->ring[(uint16_t)(queue->added - 1) % queue->size].length;
}
