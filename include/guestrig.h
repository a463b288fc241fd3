/* SPDX-License-Identifier: MIT-0 */
/*
 * The imports of a driver that is compiled to WebAssembly. docs/wasm.md has them as a table, with the exports of a module.
 * Addresses are the machine's: a pointer of the driver is the physical address of what it points to.
 *
 *   clang @include/wasm32.flags -I include -o nic.wasm nic.c
 */
#ifndef GUESTRIG_H
#define GUESTRIG_H

#include <stddef.h>
#include <stdint.h>

#define GUESTRIG_IMPORT(name) __attribute__((import_module("guestrig"), import_name(#name)))
/*
 * Exports a function, so that a test can call it. `guestrig conform` calls three, of a driver without PCI functions `run` alone:
 *
 *   GUESTRIG_EXPORT(matches) int matches(uint32_t vendor, uint32_t device);   whether a PCI function is for this driver
 *   GUESTRIG_EXPORT(attach) void *attach(uint32_t bdf);                       takes it into use, or returns 0
 *   GUESTRIG_EXPORT(run) int run(void *attached);                             uses it, and returns 0 if all went well
 *
 * and its scenarios call these; a scenario that needs a missing one is not played. `run` opens a serial port, and comes first:
 *
 *   int send(void *attached, const uint8_t *frame, size_t length);       0, or else there was no room
 *   int receive(void *attached, uint8_t *into, size_t room);             bytes of the next frame that came; less than 0, none did
 *   int read(void *attached, uint64_t block, uint8_t *into, size_t length);            whole blocks of the disk
 *   int write(void *attached, uint64_t block, const uint8_t *bytes, size_t length);
 *   int flush(void *attached);                                           0 once what was written is safe
 *   int block_size(void *attached);                                      bytes of a block; without it, 512
 *   int stop(void *attached);                                            leaves the device reset, silent and no bus master
 *   int suspend(void *attached);                                         the device may lose its power,
 *   int resume(void *attached);                                          and is taken into use again
 *   int print(uint32_t base, const uint8_t *text, size_t length);        by the serial port there, which is COM1: 0x3f8
 *   int key(uint32_t base);                                              the next byte that it received; less than 0, none
 *
 * A function without another result returns 0 if all went well.
 */
#define GUESTRIG_EXPORT(name) __attribute__((export_name(#name)))

/* I/O ports. Each access takes time: a microsecond, unless the machine has another accessTime. */
GUESTRIG_IMPORT(in8) uint32_t in8(uint32_t port);
GUESTRIG_IMPORT(in16) uint32_t in16(uint32_t port);
GUESTRIG_IMPORT(in32) uint32_t in32(uint32_t port);
GUESTRIG_IMPORT(out8) void out8(uint32_t port, uint32_t value);
GUESTRIG_IMPORT(out16) void out16(uint32_t port, uint32_t value);
GUESTRIG_IMPORT(out32) void out32(uint32_t port, uint32_t value);

/* Memory that is not RAM: registers behind a base address register. RAM is read and written through pointers. */
GUESTRIG_IMPORT(read8) uint32_t read8(uint32_t address);
GUESTRIG_IMPORT(read16) uint32_t read16(uint32_t address);
GUESTRIG_IMPORT(read32) uint32_t read32(uint32_t address);
GUESTRIG_IMPORT(write8) void write8(uint32_t address, uint32_t value);
GUESTRIG_IMPORT(write16) void write16(uint32_t address, uint32_t value);
GUESTRIG_IMPORT(write32) void write32(uint32_t address, uint32_t value);

/* Virtual nanoseconds since power came on. They pass with accesses and while the driver waits, and never in between. */
GUESTRIG_IMPORT(now) uint64_t now(void);
/* Halts for at most `limit` nanoseconds: 1 as soon as a handler took an interrupt, 0 if time passed instead. */
GUESTRIG_IMPORT(wait) int wait(uint64_t limit);
/* The same until `until(context)` is not 0, which is called after each event. */
GUESTRIG_IMPORT(wait_until) int wait_until(int (*until)(void *context), void *context, uint64_t limit);

/* What a hypervisor answers of processor `vcpu`, 0 being the one that runs the driver: KVM's leaves, MSRs and TSC. */
/* Puts EAX, EBX, ECX and EDX into `words`. */
GUESTRIG_IMPORT(cpuid) void cpuid(uint32_t vcpu, uint32_t leaf, uint32_t subleaf, uint32_t words[4]);
/* 0 where the instruction would raise a general protection fault. */
GUESTRIG_IMPORT(rdmsr) int rdmsr(uint32_t vcpu, uint32_t index, uint64_t *value);
GUESTRIG_IMPORT(wrmsr) int wrmsr(uint32_t vcpu, uint32_t index, uint64_t value);
GUESTRIG_IMPORT(rdtsc) uint64_t rdtsc(uint32_t vcpu);
/* A hypercall: what it returns in EAX. */
GUESTRIG_IMPORT(vmcall) int32_t vmcall(uint32_t vcpu, uint32_t number, uint32_t rbx, uint32_t rcx, uint32_t rdx, uint32_t rsi);

/* RAM for the driver, zeroed; `align` is a power of two. No two pieces touch. */
GUESTRIG_IMPORT(allocate) void *allocate(size_t bytes, size_t align);
GUESTRIG_IMPORT(release) void release(void *at);

/* `handler(context)` runs when the CPU takes interrupt `vector` (32 to 255), inside wait and wait_until only. */
GUESTRIG_IMPORT(handle) void handle(uint32_t vector, void (*handler)(void *context), void *context);
/* As CLI and STI: a machine starts masked. */
GUESTRIG_IMPORT(mask) void mask(void);
GUESTRIG_IMPORT(unmask) void unmask(void);

/* Prints a line for the user of the driver, in UTF-8. */
GUESTRIG_IMPORT(log) void guestrig_log(const char *text, size_t length);

/* Orders the stores before it before those after it, for the compiler: devices run within an access. */
static inline void fence(void) {
  __asm__ __volatile__("" ::: "memory");
}

#endif
