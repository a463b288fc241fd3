/* SPDX-License-Identifier: MIT-0 */
#include "guestrig.h"

/* PC16550D, 8.0: registers by their offset, and what is used of them. */
enum { RBR = 0, THR = 0, DLL = 0, DLM = 1, FCR = 2, LCR = 3, LSR = 5 };
enum { DR = 0x01, THRE = 0x20 };
enum { EIGHT_BITS = 0x03, DLAB = 0x80 };
enum { FIFO_ON = 0x07 };

enum { COM1 = 0x3f8 };

/* A character takes 87 microseconds at 115200 baud. */
static const uint64_t MILLISECOND = 1000000;

static int has_room(void *base) {
  return in8((uint32_t)base + LSR) & THRE;
}

/* A serial port, polled: 115200 baud, eight bits, no parity. `base` is 0x3f8 for COM1. */
GUESTRIG_EXPORT(start) void start(uint32_t base) {
  out8(base + LCR, EIGHT_BITS | DLAB);
  out8(base + DLL, 1);
  out8(base + DLM, 0);
  out8(base + LCR, EIGHT_BITS);
  out8(base + FCR, FIFO_ON);
}

/* 0, or -1 if the transmitter stays full. */
GUESTRIG_EXPORT(print) int print(uint32_t base, const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (!wait_until(has_room, (void *)base, MILLISECOND)) return -1;
    out8(base + THR, (uint8_t)text[i]);
  }
  return 0;
}

/* The received byte, or -1. */
GUESTRIG_EXPORT(key) int key(uint32_t base) {
  return in8(base + LSR) & DR ? (int)in8(base + RBR) : -1;
}

/* Run by `guestrig conform uart.wasm`, whose scenarios then call print and key with the same port. */
GUESTRIG_EXPORT(run) int run(void) {
  static const char text[] = "more than the FIFO holds";
  start(COM1);
  key(COM1);
  return print(COM1, text, sizeof text - 1);
}
