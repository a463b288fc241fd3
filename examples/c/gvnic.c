/* SPDX-License-Identifier: MIT-0 */
#include "guestrig.h"

/* Google's network card, 1ae0:0042, polled: a pair of GQI_QPL queues. docs/gvnic.md has its first hour. */

enum { CONFADD = 0xcf8, CONFDATA = 0xcfc };
enum { COMMAND = 0x04, BAR0 = 0x10, BAR2 = 0x18, MEMORY_SPACE = 0x02, BUS_MASTER = 0x04 };
/* Registers, big-endian. */
enum { DEVICE_STATUS = 0x00, ADMINQ_PFN = 0x10, ADMINQ_DOORBELL = 0x14, ADMINQ_EVENT_COUNTER = 0x18 };
enum { RESET = 2, LINK_STATUS = 4 };
/* Commands of the admin queue. */
enum { DESCRIBE_DEVICE = 1, CONFIGURE_RESOURCES = 2, REGISTER_PAGE_LIST = 3, UNREGISTER_PAGE_LIST = 4 };
enum { CREATE_TX_QUEUE = 5, CREATE_RX_QUEUE = 6, DESTROY_TX_QUEUE = 7, DESTROY_RX_QUEUE = 8, DECONFIGURE = 9 };
enum { PASSED = 1, GQI_QPL = 2, MASK = 0x40000000 };
enum { PAGE = 4096, SLOTS = 64, WORDS = 16, STRIDE = 64, FRAME = 1514 };
/* Buffers of half a page each, a power of two; two bytes come before a frame. */
enum { BUFFERS = 64, BUFFER = 2048, PAD = 2 };
/* Of a received descriptor. */
enum { LENGTH = 60, FLAGS = 62, SEQUENCE = 7, ERROR = 1 << 11, CONTINUED = 1 << 13 };
static const uint64_t MILLISECOND = 1000000, SECOND = 1000000000;

/* Its number is that of its page list and of its block, too. */
enum { TRANSMIT, RECEIVE };

struct queue {
  uint32_t entries;
  uint8_t *ring;
  /* A list of pages, and the pages. */
  volatile uint32_t *list;
  uint8_t *pages;
  uint32_t count;
  /* The device writes the indices of the queue's doorbell and counter. */
  volatile uint32_t *resources;
};

struct nic {
  uint32_t bdf, registers, doorbells;
  volatile uint32_t (*commands)[WORDS];
  uint32_t posted;
  volatile uint8_t *description;
  volatile uint32_t *counters, *blocks;
  uint32_t count;
  struct queue transmit, receive;
  /* Addresses of receive buffers. */
  volatile uint32_t *slots;
  uint32_t sent, taken, sequence;
};

static uint32_t big(uint32_t value) {
  return __builtin_bswap32(value);
}

static uint32_t half(const volatile uint8_t *at) {
  return at[0] << 8 | at[1];
}

/* Command of a PCI function, at which CONFDATA then stands. */
static uint16_t command(uint32_t bdf) {
  out32(CONFADD, 0x80000000 + bdf * 256 + COMMAND);
  return in16(CONFDATA);
}

static uint32_t base(uint32_t bdf, uint32_t bar) {
  out32(CONFADD, 0x80000000 + bdf * 256 + bar);
  return in32(CONFDATA) & ~15u;
}

static uint32_t get(struct nic *nic, uint32_t at) {
  return big(read32(nic->registers + at));
}

static void put(struct nic *nic, uint32_t at, uint32_t value) {
  write32(nic->registers + at, big(value));
}

/* The index of a doorbell is the device's choice. */
static void ring(struct nic *nic, uint32_t index, uint32_t value) {
  fence();
  write32(nic->doorbells + 4 * big(index), big(value));
}

static int is_released(void *context) {
  return get(context, ADMINQ_PFN) == 0;
}

static int is_done(void *context) {
  struct nic *nic = context;
  return get(nic, ADMINQ_EVENT_COUNTER) == nic->posted;
}

/* All is taken back at once. */
static int reset(struct nic *nic) {
  put(nic, ADMINQ_PFN, 0);
  return wait_until(is_released, nic, SECOND);
}

/* Words from the ninth byte of a command on; whether it passed. */
static int order(struct nic *nic, uint32_t opcode, const uint32_t *words, uint32_t count) {
  volatile uint32_t *slot = nic->commands[nic->posted % SLOTS];
  for (uint32_t i = 0; i < WORDS; i++) slot[i] = i >= 2 && i - 2 < count ? big(words[i - 2]) : 0;
  slot[0] = big(opcode);
  fence();
  put(nic, ADMINQ_DOORBELL, ++nic->posted);
  return wait_until(is_done, nic, SECOND) && big(slot[1]) == PASSED;
}

#define ORDER(nic, opcode, ...) \
  order(nic, opcode, (uint32_t[]){__VA_ARGS__}, sizeof(uint32_t[]){__VA_ARGS__} / sizeof(uint32_t))

static void make(struct queue *queue, uint32_t entries, uint32_t size, uint32_t pages) {
  queue->entries = entries;
  queue->ring = allocate(entries * size, PAGE);
  queue->count = pages;
  queue->pages = allocate(pages * PAGE, PAGE);
  queue->list = allocate(pages * 8, PAGE);
  queue->resources = allocate(STRIDE, STRIDE);
}

static int give_pages(struct nic *nic, struct queue *queue, uint32_t id) {
  for (uint32_t i = 0; i < queue->count; i++) {
    queue->list[2 * i] = 0;
    queue->list[2 * i + 1] = big((uint32_t)queue->pages + i * PAGE);
  }
  return ORDER(nic, REGISTER_PAGE_LIST, id, queue->count, 0, (uint32_t)queue->list, 0, PAGE);
}

static void clear(uint8_t *at, uint32_t length) {
  for (uint32_t i = 0; i < length; i++) at[i] = 0;
}

/* A power of two with room for all buffers. */
static int is_size(uint32_t entries) {
  return entries >= BUFFERS && (entries & (entries - 1)) == 0;
}

/* Memory of the sizes that the device says, which may be anything. */
static int allocate_all(struct nic *nic) {
  uint32_t transmit = half(nic->description + 10), receive = half(nic->description + 12);
  nic->count = half(nic->description + 18);
  if (nic->count < 2 || !is_size(transmit) || !is_size(receive)) return 0;
  nic->counters = allocate(4 * nic->count, STRIDE);
  make(&nic->transmit, transmit, 16, 1);
  make(&nic->receive, receive, 64, BUFFERS * BUFFER / PAGE);
  nic->slots = allocate(8 * receive, PAGE);
  return 1;
}

/* From a device without an admin queue to one with buffers. */
static int set_up(struct nic *nic) {
  struct queue *tx = &nic->transmit, *rx = &nic->receive;
  nic->posted = nic->sent = nic->taken = 0;
  nic->sequence = 1;
  put(nic, ADMINQ_PFN, (uint32_t)nic->commands / PAGE);
  if (!ORDER(nic, DESCRIBE_DEVICE, 0, (uint32_t)nic->description, 1, PAGE)) return 0;
  if (nic->counters == 0 && !allocate_all(nic)) return 0;
  /* What an earlier queue left there looks like something new. */
  clear(rx->ring, rx->entries * 64);
  for (uint32_t i = 0; i < rx->entries; i++) nic->slots[2 * i + 1] = big(i % BUFFERS * BUFFER);
  uint32_t tx_ring = (uint32_t)tx->ring, rx_ring = (uint32_t)rx->ring, slots = (uint32_t)nic->slots;
  uint32_t tx_resources = (uint32_t)tx->resources, rx_resources = (uint32_t)rx->resources;
  int works = ORDER(nic, CONFIGURE_RESOURCES, 0, (uint32_t)nic->counters, 0, (uint32_t)nic->blocks, nic->count, 2,
                    STRIDE, 0, (uint32_t)GQI_QPL << 24) &&
              give_pages(nic, tx, TRANSMIT) && give_pages(nic, rx, RECEIVE) &&
              ORDER(nic, CREATE_TX_QUEUE, 0, 0, 0, tx_resources, 0, tx_ring, TRANSMIT, TRANSMIT, 0, 0,
                    tx->entries << 16) &&
              ORDER(nic, CREATE_RX_QUEUE, 0, 0, 0, RECEIVE, 0, rx_resources, 0, rx_ring, 0, slots, RECEIVE,
                    rx->entries << 16 | BUFFER);
  if (!works || big(tx->resources[1]) >= nic->count) return 0;
  for (uint32_t i = 0; i < 2; i++) ring(nic, nic->blocks[i * STRIDE / 4], MASK);
  ring(nic, rx->resources[0], BUFFERS);
  return 1;
}

/* The link is up; and what the device asks for is done. */
static int is_ready(struct nic *nic) {
  if (get(nic, DEVICE_STATUS) & RESET && !(reset(nic) && set_up(nic))) return 0;
  return (get(nic, DEVICE_STATUS) & LINK_STATUS) != 0;
}

/* The count is of all descriptors that were sent. */
static int is_sent(void *context) {
  struct nic *nic = context;
  return big(nic->counters[big(nic->transmit.resources[1])]) == nic->sent;
}

static volatile uint8_t *next(struct nic *nic) {
  return nic->receive.ring + nic->taken % nic->receive.entries * 64;
}

static int has_frame(void *context) {
  struct nic *nic = context;
  return (next(nic)[FLAGS + 1] & SEQUENCE) == (int)nic->sequence;
}

GUESTRIG_EXPORT(matches) int matches(uint32_t vendor, uint32_t device) {
  return vendor == 0x1ae0 && device == 0x0042;
}

GUESTRIG_EXPORT(attach) struct nic *attach(uint32_t bdf) {
  struct nic *nic = allocate(sizeof *nic, 16);
  nic->bdf = bdf;
  nic->registers = base(bdf, BAR0);
  nic->doorbells = base(bdf, BAR2);
  uint16_t now = command(bdf);
  out16(CONFDATA, now | MEMORY_SPACE | BUS_MASTER);
  nic->commands = allocate(PAGE, PAGE);
  nic->description = allocate(PAGE, PAGE);
  nic->blocks = allocate(2 * STRIDE, STRIDE);
  return reset(nic) && set_up(nic) ? nic : 0;
}

/* 0, or -1 if the frame is too long or the link is down. */
GUESTRIG_EXPORT(send) int send(struct nic *nic, const uint8_t *frame, uint32_t length) {
  struct queue *queue = &nic->transmit;
  if (length > FRAME || !is_ready(nic)) return -1;
  for (uint32_t i = 0; i < length; i++) queue->pages[i] = frame[i];
  volatile uint32_t *descriptor = (uint32_t *)queue->ring + nic->sent % queue->entries * 4;
  /* STD, one descriptor; its bytes are the first of the list. */
  descriptor[0] = big(1);
  descriptor[1] = big(length << 16 | length);
  descriptor[2] = descriptor[3] = 0;
  ring(nic, queue->resources[0], ++nic->sent);
  return wait_until(is_sent, nic, SECOND) ? 0 : -1;
}

/* The length of the next frame that arrives within a millisecond, or -1 if none does or there is no room for it. */
GUESTRIG_EXPORT(receive) int receive(struct nic *nic, uint8_t *into, uint32_t room) {
  uint32_t length = 0, skipped = PAD, flags = CONTINUED;
  is_ready(nic);
  while (flags & CONTINUED) {
    if (!wait_until(has_frame, nic, MILLISECOND)) return -1;
    const uint8_t *buffer = nic->receive.pages + nic->taken % BUFFERS * BUFFER;
    uint32_t bytes = half(next(nic) + LENGTH);
    flags = half(next(nic) + FLAGS);
    /* A device may say any length: only what was lent can hold a frame. */
    if (flags & ERROR || bytes < skipped || bytes > BUFFER || length + bytes - skipped > room) room = 0;
    for (uint32_t i = skipped; room > 0 && i < bytes; i++) into[length++] = buffer[i];
    skipped = 0;
    nic->sequence = nic->sequence % SEQUENCE + 1;
    ring(nic, nic->receive.resources[0], ++nic->taken + BUFFERS);
  }
  return room > 0 ? (int)length : -1;
}

/* Run by `guestrig conform gvnic.wasm`. */
GUESTRIG_EXPORT(run) int run(struct nic *nic) {
  static const uint8_t frame[60];
  return send(nic, frame, sizeof frame);
}

/* Another driver may take the card. */
GUESTRIG_EXPORT(stop) int stop(struct nic *nic) {
  int works = ORDER(nic, DESTROY_TX_QUEUE, 0) && ORDER(nic, DESTROY_RX_QUEUE, 0) &&
              ORDER(nic, UNREGISTER_PAGE_LIST, TRANSMIT) && ORDER(nic, UNREGISTER_PAGE_LIST, RECEIVE) &&
              order(nic, DECONFIGURE, 0, 0) && reset(nic);
  uint16_t now = command(nic->bdf);
  out16(CONFDATA, now & ~BUS_MASTER);
  return works ? 0 : -1;
}
