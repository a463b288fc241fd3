/* SPDX-License-Identifier: MIT-0 */
/* A qtest client: a machine behind two pipes, a line each way. Any error ends the program. */
#ifndef QTEST_H
#define QTEST_H

#include <stddef.h>
#include <stdint.h>

/* Starts argv[0] with `-qtest stdio` and then its other arguments. */
void machine_start(char *const argv[]);

/* Ends it. Returns whether the driver kept the rules. */
int machine_stop(void);

uint32_t in(uint16_t port, int width);
void out(uint16_t port, uint32_t value, int width);
void ram_read(uint64_t at, void *into, size_t length);
void ram_write(uint64_t at, const void *from, size_t length);

#endif
