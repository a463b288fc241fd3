/* A card's offloads, as lean as C has them: TCP over IPv4 cut and joined, and the Internet checksum. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "split.c"

enum { ETH = 14, IP = 20, TCP = 20, HEADERS = ETH + IP + TCP, SEGMENTS = 45, MSS = 1448, LARGE = SEGMENTS * MSS };

static uint8_t large[HEADERS + LARGE], scratch[HEADERS + MSS], joined[HEADERS + LARGE];
static uint8_t segments[SEGMENTS][HEADERS + MSS];
static volatile uint64_t made;

static uint16_t get16(const uint8_t *at) { return at[0] << 8 | at[1]; }
static uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }
static void put16(uint8_t *at, uint32_t value) { at[0] = value >> 8; at[1] = value; }
static void put32(uint8_t *at, uint32_t value) { put16(at, value >> 16); put16(at + 2, value); }

/* RFC 1071: words of the host's order are summed, and the sum swapped. */
static uint32_t sum(const uint8_t *bytes, size_t count, uint32_t seed) {
  uint64_t total = (uint16_t)__builtin_bswap16(seed);
  uint32_t word;
  for (; count >= 4; bytes += 4, count -= 4) {
    memcpy(&word, bytes, 4);
    total += word;
  }
  if (count >= 2) total += (uint16_t)(bytes[0] | bytes[1] << 8), bytes += 2, count -= 2;
  if (count) total += bytes[0];
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  return __builtin_bswap16((uint16_t)total);
}

static uint32_t pseudo(const uint8_t *ip, uint32_t length) { return sum(ip + 12, 8, 6 + length); }

static void finish(uint8_t *frame, uint32_t index, uint32_t payload, int last) {
  uint8_t *ip = frame + ETH, *tcp = ip + IP;
  put16(ip + 2, IP + TCP + payload);
  put16(ip + 4, get16(large + ETH + 4) + index);
  put16(ip + 10, 0);
  put16(ip + 10, ~sum(ip, IP, 0));
  put32(tcp + 4, get32(large + ETH + IP + 4) + index * MSS);
  tcp[13] = large[ETH + IP + 13] & (last ? 0xff : ~0x09);
  put16(tcp + 16, 0);
  put16(tcp + 16, ~sum(tcp, TCP + payload, pseudo(ip, TCP + payload)));
}

static void cut(int keep) {
  memcpy(scratch, large, HEADERS);
  for (int i = 0; i < SEGMENTS; i++) {
    memcpy(scratch + HEADERS, large + HEADERS + i * MSS, MSS);
    finish(scratch, i, MSS, i == SEGMENTS - 1);
    if (keep) memcpy(segments[i], scratch, sizeof scratch);
    made += scratch[HEADERS];
  }
}

static void join(void) {
  uint32_t length = 0;
  for (int i = 0; i < SEGMENTS; i++) {
    uint8_t *ip = segments[i] + ETH, *tcp = ip + IP;
    uint32_t payload = get16(ip + 2) - IP - TCP;
    if (sum(ip, IP, 0) != 0xffff) return;
    if (sum(tcp, TCP + payload, pseudo(ip, TCP + payload)) != 0xffff) return;
    if (i == 0) memcpy(joined, segments[i], HEADERS);
    else if (memcmp(joined + ETH + 12, ip + 12, 12) || get32(tcp + 4) != get32(joined + ETH + IP + 4) + length) return;
    memcpy(joined + HEADERS + length, tcp + TCP, payload);
    length += payload;
  }
  put16(joined + ETH + 10, 0);
  put16(joined + ETH + 10, ~sum(joined + ETH, IP, 0));
  put16(joined + ETH + IP + 16, pseudo(joined + ETH, TCP + length));
  made += length;
}

/* A ring as long as the card's of a machine; its buffers recur. */
enum { RING = 4096, BATCH = 256, VIRTIO_HEADER = 12, BUFFER = 2048, FRAME = 1500, TABLE = 0x10000, DRIVER = 0x20000, DEVICE = 0x24000, BUFFERS = 0x100000 };
static struct ram ram = {0, 2 << 20};
static struct split_queue receiving = {.size = RING};
static uint8_t station[6];
static uint32_t link_up, driver_ok;
/* What no compiler knows of a frame. */
static volatile uint32_t frame_length = FRAME;

/* The driver wants no interrupts, and only the index moves. */
static void set_up_receive(void) {
  ram.bytes = aligned_alloc(4096, ram.size);
  receiving.ram = &ram;
  receiving.desc = (struct descriptor *)(ram.bytes + TABLE);
  receiving.avail = (uint16_t *)(ram.bytes + DRIVER);
  receiving.used = (uint16_t *)(ram.bytes + DEVICE);
  receiving.avail[0] = 1;
  for (int i = 0; i < RING; i++) {
    receiving.desc[i] = (struct descriptor){BUFFERS + i % BATCH * BUFFER, BUFFER, {.split = {WRITE, 0}}};
    receiving.avail[2 + i] = i;
  }
  link_up = driver_ok = 1;
}

/* A frame that is not for us is left; one that finds no buffer, or one that is too short, is lost. */
static __attribute__((noinline)) void receive(const uint8_t *frame, uint32_t length) {
  static const uint8_t header[VIRTIO_HEADER] = {[10] = 1};
  if (!link_up || !driver_ok || (!(frame[0] & 1) && memcmp(frame, station, 6))) return;
  if (!split_pop(&receiving)) return;
  const struct chain *chain = &receiving.chain;
  const struct segment *buffer = chain->segments;
  uint32_t written = 0;
  if (buffer->write && buffer->len >= VIRTIO_HEADER + length) {
    memcpy(buffer->at, header, VIRTIO_HEADER);
    memcpy(buffer->at + VIRTIO_HEADER, frame, length);
    written = VIRTIO_HEADER + length;
  }
  split_push(&receiving, chain->id, written);
  split_flush(&receiving);
  made += length;
}

static void receive_all(long frames) {
  for (long i = 0; i < frames; i++) {
    if (i % BATCH == 0) __atomic_store_n(&receiving.avail[1], receiving.next_avail + BATCH, __ATOMIC_RELEASE);
    receive(large, frame_length);
  }
  receiving.avail[1] = receiving.next_avail;
}

static int64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return at.tv_sec * 1000000000LL + at.tv_nsec;
}

int main(void) {
  long repeats;
  char name[32];
  for (uint32_t i = 0; i < LARGE; i++) large[HEADERS + i] = i * 7;
  large[ETH] = 0x45, large[ETH + 9] = 6, large[ETH + IP + 12] = 0x50, large[ETH + IP + 13] = 0x18;
  cut(1);
  set_up_receive();
  while (scanf("%ld %31[^\n]", &repeats, name) == 2) {
    int64_t before = now();
    if (!strncmp(name, "cut", 3)) while (repeats--) cut(0);
    else if (!strncmp(name, "receive", 7)) receive_all(repeats);
    else if (!strcmp(name, "join")) while (repeats--) join();
    else {
      int count = 0;
      sscanf(name, "sum %d", &count);
      while (repeats--) made += sum(large, count, 0);
    }
    printf("%lld\n", (long long)(now() - before));
    fflush(stdout);
  }
  return made == 0;
}
