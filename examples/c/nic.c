/* SPDX-License-Identifier: MIT-0 */
#include "virtio.h"

/* virtio 1.4, 5.1.2. */
enum { RECEIVE = 0, TRANSMIT = 1 };
/* Bytes of virtio_net_hdr on a legacy function without MRG_RXBUF, and of the longest frame. */
enum { HEADER = 10, FRAME = 1514 };

/* A NIC that sends and receives a frame at a time: virtio 1.4, 5.1. */
struct nic {
  uint32_t bdf;
  struct queue *receive;
  struct queue *transmit;
  uint8_t *incoming;
  uint8_t *outgoing;
};

static void copy(uint8_t *to, const uint8_t *from, size_t length) {
  for (size_t i = 0; i < length; i++) to[i] = from[i];
}

/* A legacy device wants the header in a descriptor of its own. */
static void offer_room(struct nic *nic) {
  struct piece pieces[] = {{nic->incoming, HEADER, WRITE}, {nic->incoming + HEADER, FRAME, WRITE}};
  queue_offer(nic->receive, pieces, 2);
}

GUESTRIG_EXPORT(matches) int matches(uint32_t vendor, uint32_t device) {
  return vendor == 0x1af4 && device == 0x1000;
}

GUESTRIG_EXPORT(attach) struct nic *attach(uint32_t bdf) {
  uint32_t base = virtio_start(bdf);
  if (base == 0) return 0;
  virtio_features(base, 0);
  struct nic *nic = allocate(sizeof *nic, 16);
  nic->bdf = bdf;
  nic->receive = virtio_queue(base, RECEIVE);
  nic->transmit = virtio_queue(base, TRANSMIT);
  if (nic->receive == 0 || nic->transmit == 0) return 0;
  nic->incoming = allocate(HEADER + FRAME, 16);
  nic->outgoing = allocate(HEADER + FRAME, 16);
  virtio_ready(base);
  offer_room(nic);
  return nic;
}

/* 0, or -1 if the frame is too long or the NIC does not take it. */
GUESTRIG_EXPORT(send) int send(struct nic *nic, const uint8_t *frame, size_t length) {
  if (length > FRAME) return -1;
  copy(nic->outgoing + HEADER, frame, length);
  struct piece pieces[] = {{nic->outgoing, HEADER, READ}, {nic->outgoing + HEADER, length, READ}};
  queue_offer(nic->transmit, pieces, 2);
  return wait_until(queue_is_done, nic->transmit, SECOND) ? 0 : -1;
}

/* The length of the next frame that arrives within a millisecond, or -1 if none does or there is no room for it. */
GUESTRIG_EXPORT(receive) int receive(struct nic *nic, uint8_t *into, size_t room) {
  if (!wait_until(queue_is_done, nic->receive, MILLISECOND)) return -1;
  /* A device may say any length: only what was lent can hold a frame. */
  uint32_t written = queue_written(nic->receive);
  int is_frame = written >= HEADER && written <= HEADER + FRAME && written - HEADER <= room;
  if (is_frame) copy(into, nic->incoming + HEADER, written - HEADER);
  offer_room(nic);
  return is_frame ? (int)(written - HEADER) : -1;
}

/* Run by `guestrig conform nic.wasm`. */
GUESTRIG_EXPORT(run) int run(struct nic *nic) {
  static const uint8_t frame[60];
  return send(nic, frame, sizeof frame);
}

/* Another driver may take the card. */
GUESTRIG_EXPORT(stop) int stop(struct nic *nic) {
  virtio_stop(nic->bdf, nic->receive->base);
  return 0;
}
