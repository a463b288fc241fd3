/* Whole paths through a device, as lean as C has them: all that must be done and checked, and nothing else. */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include "split.c"

static volatile uint64_t made;

#include "offload.c"
#include "net.c"
#include "gvnic.c"
#include "disk.c"
#include "nvme.c"
#include "uart.c"

static int64_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return at.tv_sec * 1000000000LL + at.tv_nsec;
}

/* The whole of both disks is there. */
static void set_up_disks(const char *path) {
  static uint8_t page[PAGE];
  for (int i = 0; i < PAGE; i++) page[i] = i * 7;
  for (int i = 0; i < DISK_PAGES; i++) move_memory(&memory_disk, true, (uint64_t)i * PAGE, page, PAGE);
  file_disk.file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
  for (uint64_t i = 0; i < file_disk.blocks * BLOCK / PAGE; i++)
    if (!move_file(&file_disk, true, i * PAGE, page, PAGE)) abort();
}

static void copy_all(long times) {
  static uint8_t to[4 * LARGEST * BLOCK];
  uint8_t *from = malloc(DISK_PAGES * (size_t)PAGE);
  memset(from, 7, DISK_PAGES * (size_t)PAGE);
  int64_t at = 0;
  while (times--) {
    memcpy(to, from + at, sizeof to);
    at = (at + sizeof to) % (DISK_PAGES * PAGE);
    made += to[0];
  }
  free(from);
}

/* 64 pages that lie apart, by one call, and without a ring. */
static void in_pages(long times, bool write) {
  enum { COUNT = 64, BYTES = 4096 };
  static uint8_t to[2 * COUNT * BYTES];
  struct iovec pages[COUNT];
  uint64_t at = 0;
  for (int i = 0; i < COUNT; i++) pages[i] = (struct iovec){to + 2 * i * BYTES, BYTES};
  while (times--) {
    if ((write ? pwritev : preadv)(file_disk.file, pages, COUNT, at) != COUNT * BYTES) abort();
    at = (at + COUNT * BYTES) % (file_disk.blocks * BLOCK);
    made += to[0];
  }
}

static void disk_work(const char *name, long repeats) {
  struct job job = {strstr(name, "write") != NULL, 4096, 4096, DISK_BATCH, 2048, &memory_disk};
  if (strstr(name, "file")) job.disk = &file_disk;
  set_up_disk(&job);
  disk_all(&job, repeats);
}

static void work(const char *name, long repeats) {
  int count = 0;
  if (!strncmp(name, "cut", 3)) while (repeats--) cut(0);
  else if (!strncmp(name, "join", 4)) while (repeats--) join();
  else if (sscanf(name, "sum %d", &count) == 1) while (repeats--) made += sum(large, count, 0);
  else if (!strcmp(name, "nvme read 4K")) nvme_all(repeats);
  else if (!strcmp(name, "gvnic in")) dqo_receive_all(repeats);
  else if (!strcmp(name, "gvnic cut")) dqo_cut_all(repeats);
  else if (!strncmp(name, "gvnic out", 9)) dqo_transmit_all(repeats);
  else if (!strncmp(name, "frame in", 8)) receive_all(repeats);
  else if (sscanf(name, "frame out, %d", &count) == 1) transmit_all(repeats);
  else if (!strcmp(name, "read 1M")) copy_all(repeats);
  else if (strstr(name, "in pages")) in_pages(repeats, *name == 'w');
  else if (!strcmp(name, "driver reads 256K")) driver_reads(repeats);
  else if (!strncmp(name, "read", 4) || !strncmp(name, "write", 5)) disk_work(name, repeats);
  else if (!strcmp(name, "uart byte")) uart_all(repeats);
  else abort();
}

/* Orders are for one work. */
static void set_up(const char *name) {
  int length = 0;
  if (!strcmp(name, "nvme read 4K")) set_up_nvme();
  else if (!strcmp(name, "gvnic in")) set_up_dqo_receive();
  else if (!strcmp(name, "gvnic cut")) set_up_dqo_cut();
  else if (sscanf(name, "gvnic out, %d", &length) == 1) set_up_dqo_transmit(length);
  else if (!strncmp(name, "frame in", 8)) set_up_receive();
  else if (sscanf(name, "frame out, %d", &length) == 1) set_up_transmit(length);
}

int main(int count, char **arguments) {
  long repeats;
  char name[32], before[32] = "";
  for (uint32_t i = 0; i < LARGE; i++) large[HEADERS + i] = i * 7;
  large[ETH] = 0x45, large[ETH + 9] = 6, large[ETH + IP + 12] = 0x50, large[ETH + IP + 13] = 0x18;
  cut(1);
  set_up_disks(count > 1 ? arguments[1] : "/dev/null");
  set_up_uart();
  while (scanf("%ld %31[^\n]", &repeats, name) == 2) {
    if (strcmp(name, before)) set_up(strcpy(before, name));
    int64_t since = now();
    work(name, repeats);
    printf("%lld\n", (long long)(now() - since));
    fflush(stdout);
  }
  return made == 0;
}
