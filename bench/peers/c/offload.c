/* A card's offloads, as lean as C has them: TCP over IPv4 cut and joined, and the Internet checksum. Included by paths.c. */
#include <string.h>

enum { ETH = 14, IP = 20, TCP = 20, HEADERS = ETH + IP + TCP, SEGMENTS = 45, MSS = 1448, LARGE = SEGMENTS * MSS };

static uint8_t large[HEADERS + LARGE], scratch[HEADERS + MSS], joined[HEADERS + LARGE];
static uint8_t segments[SEGMENTS][HEADERS + MSS];

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
