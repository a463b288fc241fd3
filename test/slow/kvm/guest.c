/*
 * A kernel of 64 bits that does one of each: ports, device memory, interrupts of the 8254, of a UART and by MSI-X, a virtio
 * device by its modern interface, power-off. It tells on ttyS0 how far it came.
 */
#include <stdint.h>

#define COM1 0x3f8
#define IRQ_TIMER 0x20
#define IRQ_COM1 0x24
#define MSI_VECTOR 0x40
#define LOCAL_APIC 0xfee00000u

static inline void outb(uint16_t port, uint8_t value) { asm volatile("outb %0, %1" ::"a"(value), "Nd"(port)); }
static inline void outw(uint16_t port, uint16_t value) { asm volatile("outw %0, %1" ::"a"(value), "Nd"(port)); }
static inline void outl(uint16_t port, uint32_t value) { asm volatile("outl %0, %1" ::"a"(value), "Nd"(port)); }
static inline uint8_t inb(uint16_t port) { uint8_t value; asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port)); return value; }
static inline uint32_t inl(uint16_t port) { uint32_t value; asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port)); return value; }

#define REGISTER(width, at) (*(volatile uint##width##_t *)(uintptr_t)(at))

static void say(const char *text) {
  for (; *text; text++) {
    while (!(inb(COM1 + 5) & 0x20)) {}
    outb(COM1, *text);
  }
}

static volatile unsigned ticks, messages;
static volatile char typed;

struct frame;
#define HANDLER __attribute__((interrupt, target("general-regs-only")))
HANDLER static void on_timer(struct frame *frame) { ticks++; outb(0x20, 0x20); }
HANDLER static void on_com1(struct frame *frame) {
  while (!(inb(COM1 + 2) & 1))
    while (inb(COM1 + 5) & 1) typed = inb(COM1);
  outb(0x20, 0x20);
}
HANDLER static void on_message(struct frame *frame) { messages++; REGISTER(32, LOCAL_APIC + 0xb0) = 0; }

struct gate { uint16_t low, selector, flags, middle; uint32_t high, zero; } __attribute__((packed));
static struct gate idt[256];

static void gate(int vector, void (*handler)(struct frame *)) {
  uintptr_t at = (uintptr_t)handler;
  idt[vector] = (struct gate){at, 0x10, 0x8e00, at >> 16, at >> 32, 0};
}

static void prepare_interrupts(void) {
  struct { uint16_t limit; uint64_t base; } __attribute__((packed)) idtr = {sizeof idt - 1, (uintptr_t)idt};
  gate(IRQ_TIMER, on_timer);
  gate(IRQ_COM1, on_com1);
  gate(MSI_VECTOR, on_message);
  asm volatile("lidt %0" ::"m"(idtr));
  static const uint8_t icw[2][4] = {{0x11, 0x20, 4, 1}, {0x11, 0x28, 2, 1}};
  for (int i = 0; i < 2; i++) {
    uint16_t port = i ? 0xa0 : 0x20;
    outb(port, icw[i][0]);
    for (int n = 1; n < 4; n++) outb(port + 1, icw[i][n]);
    outb(port + 1, i ? 0xff : 0xee); /* IRQ 0 and 4 are open. */
  }
}

/* Waits as kernels do: nothing can come between the look and HLT. */
#define WAIT(until) do { asm volatile("cli"); if (until) break; asm volatile("sti; hlt"); } while (1)

static void count_ticks(void) {
  outb(0x43, 0x34);
  outb(0x40, 11932 & 0xff);
  outb(0x40, 11932 >> 8);
  WAIT(ticks >= 5);
  say("five ticks\n");
}

static void hear(void) {
  outb(COM1 + 1, 1);
  say("type\n");
  WAIT(typed == 'x');
  outb(COM1 + 1, 0);
  say("heard x\n");
}

static uint32_t config(unsigned fn, unsigned at) { outl(0xcf8, 0x80000000u | fn << 8 | (at & 0xfc)); return inl(0xcfc) >> (at & 3) * 8; }
static void set_config(unsigned fn, unsigned at, uint32_t value) { outl(0xcf8, 0x80000000u | fn << 8 | at); outl(0xcfc, value); }

static struct { uint64_t address; uint32_t length; uint16_t flags, next; } descriptors[8] __attribute__((aligned(16)));
static struct { uint16_t flags, index, ring[8]; } available __attribute__((aligned(2)));
static volatile struct { uint16_t flags, index; struct { uint32_t id, length; } ring[8]; } used __attribute__((aligned(4)));
static uint8_t bytes[64];

static unsigned find_rng(void) {
  for (unsigned fn = 0; fn < 256; fn += 8)
    if (config(fn, 0) == 0x10441af4u) return fn;
  return 0;
}

/* Where the structure of a type lies. */
static uintptr_t structure(unsigned fn, unsigned type) {
  for (unsigned at = config(fn, 0x34) & 0xff; at; at = config(fn, at + 1) & 0xff)
    if ((config(fn, at) & 0xff) == 9 && (config(fn, at + 3) & 0xff) == type)
      return (config(fn, 0x10 + 4 * (config(fn, at + 4) & 0xff)) & ~15u) + config(fn, at + 8);
  return 0;
}

static void open_vector(unsigned fn) {
  for (unsigned at = config(fn, 0x34) & 0xff; at; at = config(fn, at + 1) & 0xff)
    if ((config(fn, at) & 0xff) == 0x11) {
      uint32_t table = config(fn, at + 4);
      uintptr_t entry = (config(fn, 0x10 + 4 * (table & 7)) & ~15u) + (table & ~7u);
      set_config(fn, at, config(fn, at) | 0xc0000000u);
      REGISTER(32, entry) = LOCAL_APIC;
      REGISTER(32, entry + 4) = 0;
      REGISTER(32, entry + 8) = MSI_VECTOR;
      REGISTER(32, entry + 12) = 0;
      set_config(fn, at, config(fn, at) & ~0x40000000u);
    }
}

static void ask_for_bytes(void) {
  unsigned fn = find_rng();
  set_config(fn, 4, (config(fn, 4) & 0xffff) | 6);
  uintptr_t common = structure(fn, 1);
  uintptr_t notify = structure(fn, 2);
  REGISTER(8, common + 20) = 0;
  while (REGISTER(8, common + 20)) {}
  REGISTER(8, common + 20) = 1;
  REGISTER(8, common + 20) = 3;
  for (uint32_t half = 0; half < 2; half++) {
    REGISTER(32, common) = half;
    (void)REGISTER(32, common + 4);
    REGISTER(32, common + 8) = half;
    REGISTER(32, common + 12) = half; /* VERSION_1 alone. */
  }
  REGISTER(8, common + 20) = 11;
  if (!(REGISTER(8, common + 20) & 8)) { say("no features\n"); return; }
  open_vector(fn);
  REGISTER(16, common + 16) = 0xffff;
  (void)REGISTER(16, common + 16);
  REGISTER(16, common + 22) = 0;
  REGISTER(16, common + 24) = 8;
  REGISTER(16, common + 26) = 0;
  if (REGISTER(16, common + 26)) { say("no vector\n"); return; }
  REGISTER(32, common + 32) = (uintptr_t)descriptors;
  REGISTER(32, common + 36) = 0;
  REGISTER(32, common + 40) = (uintptr_t)&available;
  REGISTER(32, common + 44) = 0;
  REGISTER(32, common + 48) = (uintptr_t)&used;
  REGISTER(32, common + 52) = 0;
  uint16_t offset = REGISTER(16, common + 30);
  REGISTER(16, common + 28) = 1;
  REGISTER(8, common + 20) = 15;
  descriptors[0].address = (uintptr_t)bytes;
  descriptors[0].length = sizeof bytes;
  descriptors[0].flags = 2;
  available.ring[0] = 0;
  asm volatile("" ::: "memory");
  available.index = 1;
  asm volatile("mfence" ::: "memory");
  /* Notify offsets count in a multiplier of 4. */
  REGISTER(16, notify + offset * 4) = 0;
  WAIT(messages > 0 && used.index == 1);
  unsigned some = 0;
  for (unsigned i = 0; i < used.ring[0].length; i++) some |= bytes[i];
  say(some ? "random bytes\n" : "no bytes\n");
  REGISTER(8, common + 20) = 0;
  while (REGISTER(8, common + 20)) {}
}

void main_of(void) {
  outb(COM1 + 3, 0x83);
  outb(COM1, 1);
  outb(COM1 + 1, 0);
  outb(COM1 + 3, 3);
  outb(COM1 + 2, 7);
  outb(COM1 + 4, 0xb);
  say("64 bits\n");
  prepare_interrupts();
  count_ticks();
  hear();
  ask_for_bytes();
  say("off\n");
  while (!(inb(COM1 + 5) & 0x40)) {}
  outw(0xb004, 0x2000);
  for (;;) asm volatile("cli; hlt");
}

asm(".globl _start\n_start: lea stack_top(%rip), %rsp\ncall main_of\n"
    ".section .bss\n.balign 16\n.skip 16384\nstack_top:\n.text");
