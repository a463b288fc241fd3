/* A gVNIC's DQO rings: a frame out, a large one cut, and a frame in. Included by paths.c, behind net.c. */

enum { DQO_RING = 1024, MASK = DQO_RING - 1, PACKET_TYPE = 0x0c, TSO_TYPE = 0x05, TYPE_BITS = 0x1f, END = 0x20, CSUM = 0x40 };
enum { REPORT = 0x80, LENGTH_BITS = 0x3fff, PIECES_MOST = 10, PACKET_DONE = 2 << 11, DQO_BUFFER = 2048, KEY = 40, INPUT = 36 };

struct dqo_tx { uint64_t addr; uint8_t type, reserved[3]; uint16_t tag, size; };
struct dqo_buffer { uint16_t id, reserved[3]; uint64_t addr, header, reserved2; };
struct dqo_done { uint8_t kind, flags; uint16_t ptype, length, header; uint8_t status, error, reserved, stamp; uint16_t id, segment; uint32_t hash, more[2], time; };

static struct dqo_tx *posted;
static struct dqo_buffer *offered;
static uint32_t *dqo_sent;
static struct dqo_done *dqo_received;
static uint32_t dqo_head, dqo_slot, dqo_generation, dqo_pending, toeplitz[INPUT][256];
static volatile uint32_t dqo_tail;
static uint8_t whole[HEADERS + LARGE + 64];

static const uint8_t *in_ram(uint64_t at, uint64_t length) {
  return at <= ram.size && length <= ram.size - at ? ram.bytes + at : NULL;
}

static void set_up_toeplitz(void) {
  static uint8_t key[KEY + 4];
  for (int i = 0; i < KEY; i++) key[i] = i * 37 + 5;
  for (int place = 0; place < INPUT; place++)
    for (int byte = 0; byte < 256; byte++) {
      uint32_t hash = 0;
      for (int bit = 0; bit < 8; bit++)
        if (byte & 0x80 >> bit) hash ^= (uint32_t)((((uint64_t)get32(key + place) << 8 | key[place + 4]) << bit) >> 8);
      toeplitz[place][byte] = hash;
    }
}

static void set_up_dqo(void) {
  if (!ram.bytes) ram.bytes = aligned_alloc(4096, ram.size);
  memset(ram.bytes, 0, ram.size);
  posted = (struct dqo_tx *)(ram.bytes + TABLE);
  offered = (struct dqo_buffer *)(ram.bytes + TABLE);
  dqo_sent = (uint32_t *)(ram.bytes + DEVICE);
  dqo_received = (struct dqo_done *)(ram.bytes + 0x40000);
  dqo_head = dqo_tail = dqo_slot = 0;
  dqo_generation = link_up = driver_ok = 1;
  set_up_toeplitz();
}

static void set_up_dqo_transmit(uint32_t length) {
  set_up_dqo();
  for (int i = 0; i < DQO_RING; i++)
    posted[i] = (struct dqo_tx){BUFFERS + i % NET_BATCH * BUFFER, PACKET_TYPE | END, {0}, i, length};
}

/* A context, four descriptors of the packet, and so on. */
static void set_up_dqo_cut(void) {
  set_up_dqo();
  memcpy(ram.bytes + BUFFERS, large, sizeof large);
  for (int i = 0; i + 5 <= DQO_RING; i += 5) {
    posted[i] = (struct dqo_tx){LARGE | (uint64_t)MSS << 32 | (uint64_t)HEADERS << 48, TSO_TYPE | END, {0}, 0, 0};
    for (int k = 0; k < 4; k++) {
      uint32_t at = k * 16320, size = k < 3 ? 16320 : sizeof large - at;
      posted[i + 1 + k] = (struct dqo_tx){BUFFERS + at, PACKET_TYPE | (k == 3 ? END : 0), {0}, 7, size};
    }
  }
}

static void dqo_complete(uint32_t type, uint32_t tag) {
  dqo_sent[dqo_slot * 2] = type | dqo_generation << 15 | tag << 16;
  if (++dqo_slot == DQO_RING) dqo_slot = 0, dqo_generation ^= 1;
}

/* What is large is cut where `large` is: the copy into it is the gathering. */
static __attribute__((noinline)) void dqo_transmit(void) {
  if (!driver_ok) return;
  while (dqo_head != dqo_tail) {
    uint32_t end = dqo_head, length = 0, mss = 0, pieces = 0, whole_packet = 1;
    const struct dqo_tx *last;
    do {
      last = &posted[end];
      end = (end + 1) & MASK;
    } while (((last->type & TYPE_BITS) != PACKET_TYPE || !(last->type & END)) && end != dqo_tail);
    for (; dqo_head != end; dqo_head = (dqo_head + 1) & MASK) {
      const struct dqo_tx *d = &posted[dqo_head];
      if ((d->type & TYPE_BITS) == TSO_TYPE) {
        mss = d->addr >> 32 & LENGTH_BITS;
        continue;
      }
      const uint8_t *from = in_ram(d->addr, d->size & LENGTH_BITS);
      if ((d->type & TYPE_BITS) != PACKET_TYPE || ++pieces > PIECES_MOST || !from || length + d->size > sizeof whole) whole_packet = 0;
      else memcpy((mss ? large : whole) + length, from, d->size), length += d->size;
    }
    if (!whole_packet || length < ETHERNET_HEADER) out.drops++;
    else if (mss == MSS && length == sizeof large) cut(0);
    else if (link_up) wire(whole, length), out.packets++, out.bytes += length;
    dqo_complete(PACKET_DONE, last->tag);
    if (last->type & REPORT) dqo_complete(4 << 11, dqo_head);
    dqo_pending = 1;
  }
}

static void dqo_transmit_all(long frames) {
  for (long i = 0; i < frames; i += NET_BATCH) {
    dqo_tail = (dqo_head + NET_BATCH) & MASK;
    dqo_transmit();
  }
}

static void dqo_cut_all(long frames) {
  while (frames--) {
    if (dqo_head + 5 > DQO_RING - 4) dqo_head = 0;
    dqo_tail = dqo_head + 5;
    dqo_transmit();
  }
}

static void set_up_dqo_receive(void) {
  set_up_dqo();
  for (int i = 0; i < DQO_RING; i++)
    offered[i] = (struct dqo_buffer){.id = i, .addr = BUFFERS + i % NET_BATCH * DQO_BUFFER};
}

/* Its headers are found, its sums looked at, its flow hashed: of TCP over IPv4 here. */
static __attribute__((noinline)) void dqo_receive(const uint8_t *frame, uint32_t length) {
  if (!link_up || !driver_ok || dqo_head == dqo_tail) return;
  const uint8_t *ip = frame + ETH, *tcp = ip + IP;
  uint32_t hash = 0, good = 0, total = get16(ip + 2);
  if (get16(frame + 12) == 0x0800 && ip[0] == 0x45 && ip[9] == 6 && total <= length - ETH) {
    good = sum(ip, IP, 0) == 0xffff && sum(tcp, total - IP, pseudo(ip, total - IP)) == 0xffff;
    for (int i = 0; i < 12; i++) hash ^= toeplitz[i][ip[12 + i]];
  }
  const struct dqo_buffer *buffer = &offered[dqo_head];
  uint8_t *to = (uint8_t *)in_ram(buffer->addr, DQO_BUFFER);
  if (!to || length > DQO_BUFFER) {
    in.drops++;
    return;
  }
  memcpy(to, frame, length);
  struct dqo_done *done = &dqo_received[dqo_slot];
  done->kind = 1, done->flags = 0, done->ptype = 18 | 1 << 12, done->header = 0, done->segment = 0, done->hash = hash;
  done->stamp = 0, done->status = good ? 0x0b : 0x2b, done->id = buffer->id;
  __atomic_store_n(&done->length, length | dqo_generation << 14, __ATOMIC_RELEASE);
  if (++dqo_slot == DQO_RING) dqo_slot = 0, dqo_generation ^= 1;
  dqo_head = (dqo_head + 1) & MASK;
  dqo_pending = 1;
  in.packets++, in.bytes += length;
  made += length;
}

static void dqo_receive_all(long frames) {
  static uint8_t frame[1500];
  memcpy(frame, large, sizeof frame);
  uint8_t *ip = frame + ETH, *tcp = ip + IP;
  put16(frame + 12, 0x0800), put16(ip + 2, sizeof frame - ETH), put16(ip + 10, 0), put16(ip + 10, ~sum(ip, IP, 0));
  put16(tcp + 16, 0), put16(tcp + 16, ~sum(tcp, sizeof frame - ETH - IP, pseudo(ip, sizeof frame - ETH - IP)));
  frame_length = sizeof frame;
  for (long i = 0; i < frames; i++) {
    if (i % NET_BATCH == 0) dqo_tail = (dqo_head + NET_BATCH) & MASK;
    dqo_receive(frame, frame_length);
  }
}
