/* A network card's two rings: a frame out, and a frame in. Included by paths.c, behind offload.c. */

enum { RING = 4096, NET_BATCH = 256, NET_HEADER = 12, BUFFER = 2048, ETHERNET_HEADER = 14, TRANSMIT_MAX = 65550 };
enum { TABLE = 0x10000, DRIVER = 0x20000, DEVICE = 0x24000, BUFFERS = 0x100000 };
enum { NEEDS_CSUM = 1, ECN = 0x80, MTU = 1500 };

static struct ram ram = {0, 4 << 20};
static struct split_queue receiving = {.size = RING}, sending = {.size = RING};
static uint8_t station[6], packet[NET_HEADER + TRANSMIT_MAX];
static volatile uint32_t link_up, driver_ok;
static struct { uint64_t packets, bytes, drops, csum_none, needs_csum; } out, in;
/* What no compiler knows: how long a frame is, and who takes it. */
static volatile uint32_t frame_length;
static void take_frame(const uint8_t *frame, uint32_t length) { made += length + frame[0]; }
static void (*volatile wire)(const uint8_t *, uint32_t) = take_frame;

/* The driver wants no interrupts. */
static void set_up_queue(struct split_queue *queue) {
  if (!ram.bytes) ram.bytes = aligned_alloc(4096, ram.size);
  memset(ram.bytes, 0, BUFFERS);
  queue->ram = &ram;
  queue->desc = (struct descriptor *)(ram.bytes + TABLE);
  queue->avail = (uint16_t *)(ram.bytes + DRIVER);
  queue->used = (uint16_t *)(ram.bytes + DEVICE);
  queue->avail[0] = 1;
  link_up = driver_ok = 1;
}

/* Its buffers recur. */
static void set_up_receive(void) {
  set_up_queue(&receiving);
  for (int i = 0; i < RING; i++) {
    receiving.desc[i] = (struct descriptor){BUFFERS + i % NET_BATCH * BUFFER, BUFFER, {.split = {WRITE, 0}}};
    receiving.avail[2 + i] = i;
  }
}

/* A frame that is not for us is left; one that finds no buffer, or one that is too short, is lost. */
static __attribute__((noinline)) void receive(const uint8_t *frame, uint32_t length) {
  static const uint8_t header[NET_HEADER] = {[10] = 1};
  if (!link_up || !driver_ok || (!(frame[0] & 1) && memcmp(frame, station, 6))) return;
  if (!split_pop(&receiving)) return;
  const struct chain *chain = &receiving.chain;
  const struct segment *buffer = chain->segments;
  uint32_t written = 0;
  if (buffer->write && buffer->len >= NET_HEADER + length) {
    memcpy(buffer->at, header, NET_HEADER);
    memcpy(buffer->at + NET_HEADER, frame, length);
    written = NET_HEADER + length;
    in.packets++, in.bytes += length;
  } else
    in.drops++;
  split_push(&receiving, chain->id, written);
  split_flush(&receiving);
  made += length;
}

static void receive_all(long frames) {
  frame_length = 1500;
  for (long i = 0; i < frames; i++) {
    if (i % NET_BATCH == 0)
      __atomic_store_n(&receiving.avail[1], receiving.next_avail + NET_BATCH, __ATOMIC_RELEASE);
    receive(large, frame_length);
  }
  receiving.avail[1] = receiving.next_avail;
}

/* Header and frame in a buffer each; a slot of the ring has the chain of two descriptors that begins at twice its number. */
static void set_up_transmit(uint32_t length) {
  set_up_queue(&sending);
  for (int i = 0; i < RING; i += 2) {
    uint32_t at = BUFFERS + i / 2 % NET_BATCH * BUFFER;
    sending.desc[i] = (struct descriptor){at, NET_HEADER, {.split = {NEXT, i + 1}}};
    sending.desc[i + 1] = (struct descriptor){at + NET_HEADER, length, {.split = {0, 0}}};
  }
  for (int slot = 0; slot < RING; slot++) sending.avail[2 + slot] = slot * 2 % RING;
  memset(ram.bytes + BUFFERS, 0, NET_BATCH * BUFFER);
}

/* EtherTypes of tags are not counted as payload. */
static bool too_long(const uint8_t *frame, uint32_t length) {
  if (length <= ETHERNET_HEADER + MTU) return false;
  uint32_t at = 12;
  while (get16(frame + at) == 0x8100 || get16(frame + at) == 0x88a8) at += 4;
  return length - at - 2 > MTU;
}

/* What is to be cut is counted, and lost: none of it comes here. */
static bool finish_frame(uint8_t *header, uint32_t length) {
  uint8_t *frame = header + NET_HEADER;
  if (header[1] & ~ECN || too_long(frame, length)) return false;
  if (header[0] & NEEDS_CSUM) {
    uint32_t start = header[6] | header[7] << 8, field = start + (header[8] | header[9] << 8);
    if (field + 2 <= length) put16(frame + field, ~sum(frame + start, length - start, 0));
    out.needs_csum++;
  } else
    out.csum_none++;
  return true;
}

static __attribute__((noinline)) void transmit(void) {
  if (!driver_ok) return;
  while (split_pop(&sending)) {
    const struct chain *chain = &sending.chain;
    uint64_t total = chain->readable;
    if (total < NET_HEADER + ETHERNET_HEADER || total > sizeof packet)
      out.drops++;
    else {
      uint8_t *to = packet;
      for (uint32_t i = 0; i < chain->count && !chain->segments[i].write; i++) {
        memcpy(to, chain->segments[i].at, chain->segments[i].len);
        to += chain->segments[i].len;
      }
      uint32_t length = total - NET_HEADER;
      if (finish_frame(packet, length)) {
        if (link_up) wire(packet + NET_HEADER, length);
        out.packets++, out.bytes += length;
      } else
        out.drops++;
    }
    split_push(&sending, chain->id, 0);
  }
  split_flush(&sending);
}

static void transmit_all(long frames) {
  for (long i = 0; i < frames; i += NET_BATCH) {
    __atomic_store_n(&sending.avail[1], sending.next_avail + NET_BATCH, __ATOMIC_RELEASE);
    transmit();
  }
}
