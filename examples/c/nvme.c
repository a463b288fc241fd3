/* SPDX-License-Identifier: MIT-0 */
#include "guestrig.h"

/* An NVMe controller, polled: the admin queue, a pair of I/O queues, and the first namespace that is there. */

enum { CONFADD = 0xcf8, CONFDATA = 0xcfc };
enum { COMMAND = 0x04, BAR0 = 0x10, MEMORY_SPACE = 0x02, BUS_MASTER = 0x04 };
/* Registers, little-endian; doorbells from 1000 on, a pair for each pair of queues. */
enum { CAP = 0x00, CAP_UPPER = 0x04, CC = 0x14, CSTS = 0x1c, AQA = 0x24, ASQ = 0x28, ACQ = 0x30, DOORBELLS = 0x1000 };
enum { ENABLE = 1, ENTRIES = 6 << 16 | 4 << 20, SHUTDOWN = 1 << 14, SHUTDOWN_BITS = 3 << 14 };
enum { READY = 1, FATAL = 2, SHUTDOWN_STATUS = 3 << 2, SHUTDOWN_DONE = 2 << 2 };
/* Commands: of the admin queue, and of the other. */
enum { DELETE_SQ = 0x00, CREATE_SQ = 0x01, DELETE_CQ = 0x04, CREATE_CQ = 0x05, IDENTIFY = 0x06, SET_FEATURES = 0x09 };
enum { FLUSH = 0x00, WRITE = 0x01, READ = 0x02 };
/* What is identified, the feature, and a queue in one piece. */
enum { NAMESPACE = 0, CONTROLLER = 1, ACTIVE = 2, NUMBER_OF_QUEUES = 7, CONTIGUOUS = 1 };
/* Of Identify Controller, and of Identify Namespace. */
enum { MDTS = 77, VWC = 525, FLBAS = 26, LBAF = 128, FORMAT = 15 };
/* One command is outstanding at a time: queues have two entries, which every controller takes. */
enum { PAGE = 4096, SIZE = 2, WORDS = 16, PIECE = 2 * PAGE };
static const uint64_t SECOND = 1000000000, HALF_SECOND = 500000000;

struct entry {
  volatile uint32_t result, reserved;
  volatile uint16_t head, queue, id, status;
};

struct queue {
  uint32_t doorbell;
  volatile uint32_t (*commands)[WORDS];
  struct entry *completions;
  uint32_t tail, head, phase;
  uint16_t id;
};

struct disk {
  uint32_t bdf, registers, stride, namespace, block, caches, lost;
  uint64_t timeout;
  /* What CSTS must say, of which bits. */
  uint32_t wanted, mask;
  struct queue admin, io, *asked;
  volatile uint8_t *answer;
  uint8_t *data;
};

static uint32_t config(uint32_t bdf, uint32_t at) {
  out32(CONFADD, 0x80000000 + bdf * 256 + at);
  return in32(CONFDATA);
}

static uint32_t get(struct disk *disk, uint32_t at) {
  return read32(disk->registers + at);
}

static void put(struct disk *disk, uint32_t at, uint32_t value) {
  write32(disk->registers + at, value);
}

static int is_as_wanted(void *context) {
  struct disk *disk = context;
  uint32_t status = get(disk, CSTS);
  return (status & disk->mask) == disk->wanted || status & FATAL;
}

/* False if time is over, and if the controller has failed. */
static int becomes(struct disk *disk, uint32_t mask, uint32_t wanted) {
  disk->mask = mask;
  disk->wanted = wanted;
  return wait_until(is_as_wanted, disk, disk->timeout) && (get(disk, CSTS) & mask) == wanted;
}

static void make(struct disk *disk, struct queue *queue, uint32_t number) {
  queue->doorbell = DOORBELLS + 2 * number * disk->stride;
  queue->commands = allocate(SIZE * 64, PAGE);
  queue->completions = allocate(SIZE * sizeof(struct entry), PAGE);
}

/* What an earlier controller left there looks like something new. */
static void clear(struct queue *queue) {
  queue->tail = queue->head = 0;
  queue->phase = 1;
  for (uint32_t i = 0; i < SIZE; i++) queue->completions[i].status = 0;
}

static int is_done(void *context) {
  struct queue *queue = context;
  return (queue->completions[queue->head].status & 1) == queue->phase;
}

/* Words of a command by their numbers; whether it succeeded. */
static int run_command(struct disk *disk, struct queue *queue, const uint32_t *words) {
  if (disk->lost) return 0;
  volatile uint32_t *slot = queue->commands[queue->tail];
  /* No number is all ones: that means no command. */
  queue->id = (queue->id + 1) & 0x7fff;
  for (uint32_t i = 0; i < WORDS; i++) slot[i] = words[i];
  slot[0] = words[0] | (uint32_t)queue->id << 16;
  queue->tail = (queue->tail + 1) % SIZE;
  fence();
  put(disk, queue->doorbell, queue->tail);
  if (!wait_until(is_done, queue, 5 * SECOND)) {
    /* Until it is reset, the controller may use the memory of the command. */
    put(disk, CC, 0);
    becomes(disk, READY, 0);
    disk->lost = 1;
    return 0;
  }
  struct entry *entry = &queue->completions[queue->head];
  int ok = entry->status >> 1 == 0 && entry->id == queue->id;
  queue->head = (queue->head + 1) % SIZE;
  if (queue->head == 0) queue->phase ^= 1;
  put(disk, queue->doorbell + disk->stride, queue->head);
  return ok;
}

#define RUN(disk, queue, opcode, ...) run_command(disk, queue, (uint32_t[WORDS]){opcode, __VA_ARGS__})

static int identify(struct disk *disk, uint32_t namespace, uint32_t what) {
  return RUN(disk, &disk->admin, IDENTIFY, namespace, [6] = (uint32_t)disk->answer, [10] = what);
}

static uint32_t word(struct disk *disk, uint32_t at) {
  volatile uint8_t *from = disk->answer + at;
  return from[0] | from[1] << 8 | from[2] << 16 | (uint32_t)from[3] << 24;
}

/* The first namespace that has blocks, and their size. */
static int find_namespace(struct disk *disk) {
  for (uint32_t last = 0;; last = disk->namespace) {
    /* Those with higher numbers: a list that does not rise would never end. */
    if (!identify(disk, last, ACTIVE)) return 0;
    disk->namespace = word(disk, 0);
    if (disk->namespace <= last || !identify(disk, disk->namespace, NAMESPACE)) return 0;
    if (word(disk, 0) != 0 || word(disk, 4) != 0) break;
  }
  uint32_t format = word(disk, LBAF + 4 * (disk->answer[FLBAS] & FORMAT)), shift = format >> 16 & 0xff;
  disk->block = 1u << (shift & 31);
  /* With bytes beside the blocks, or larger ones than a page, nothing here is done. */
  return shift >= 9 && shift <= 12 && (format & 0xffff) == 0;
}

static int create_queues(struct disk *disk) {
  struct queue *io = &disk->io;
  clear(io);
  return RUN(disk, &disk->admin, SET_FEATURES, [10] = NUMBER_OF_QUEUES) &&
         RUN(disk, &disk->admin, CREATE_CQ, [6] = (uint32_t)io->completions, [10] = (SIZE - 1) << 16 | 1,
             [11] = CONTIGUOUS) &&
         RUN(disk, &disk->admin, CREATE_SQ, [6] = (uint32_t)io->commands, [10] = (SIZE - 1) << 16 | 1,
             [11] = 1 << 16 | CONTIGUOUS);
}

/* From whatever another driver left. */
static int start(struct disk *disk) {
  disk->timeout = ((get(disk, CAP) >> 24) + 1) * HALF_SECOND;
  /* One that has failed is reset, too. */
  if (get(disk, CC) & ENABLE && !becomes(disk, READY, READY) && !(get(disk, CSTS) & FATAL)) return 0;
  put(disk, CC, 0);
  if (!becomes(disk, READY, 0)) return 0;
  clear(&disk->admin);
  put(disk, AQA, (SIZE - 1) << 16 | (SIZE - 1));
  put(disk, ASQ, (uint32_t)disk->admin.commands);
  put(disk, ASQ + 4, 0);
  put(disk, ACQ, (uint32_t)disk->admin.completions);
  put(disk, ACQ + 4, 0);
  put(disk, CC, ENTRIES | ENABLE);
  if (!becomes(disk, READY, READY) || !identify(disk, 0, CONTROLLER)) return 0;
  disk->caches = disk->answer[VWC] & 1;
  uint32_t mdts = disk->answer[MDTS];
  return (mdts == 0 || PAGE << (mdts & 15) >= PIECE) && create_queues(disk) && find_namespace(disk);
}

/* A piece of at most two pages, to or from the page that devices reach. */
static int move(struct disk *disk, uint32_t opcode, uint64_t lba, uint32_t bytes) {
  uint32_t data = (uint32_t)disk->data;
  return RUN(disk, &disk->io, opcode, disk->namespace, [6] = data, [8] = bytes > PAGE ? data + PAGE : 0,
             [10] = (uint32_t)lba, [11] = (uint32_t)(lba >> 32), [12] = bytes / disk->block - 1);
}

GUESTRIG_EXPORT(matches) int matches(uint32_t vendor, uint32_t device) {
  return vendor == 0x1ae0 && device == 0x001f;
}

/* 0 if it does not answer, has no namespace, or registers where 32 bits do not lead. */
GUESTRIG_EXPORT(attach) struct disk *attach(uint32_t bdf) {
  struct disk *disk = allocate(sizeof *disk, 16);
  disk->bdf = bdf;
  disk->registers = config(bdf, BAR0) & ~15u;
  if (config(bdf, BAR0 + 4) != 0) return 0;
  uint32_t now = config(bdf, COMMAND);
  out16(CONFDATA, (uint16_t)now | MEMORY_SPACE | BUS_MASTER);
  disk->stride = 4u << (get(disk, CAP_UPPER) & 15);
  make(disk, &disk->admin, 0);
  make(disk, &disk->io, 1);
  disk->answer = allocate(PAGE, PAGE);
  disk->data = allocate(PIECE, PAGE);
  return start(disk) ? disk : 0;
}

/* Bytes of a block. */
GUESTRIG_EXPORT(block_size) int block_size(struct disk *disk) {
  return (int)disk->block;
}

GUESTRIG_EXPORT(read) int read(struct disk *disk, uint64_t block, uint8_t *into, uint32_t length) {
  if (length % disk->block != 0) return -1;
  for (uint32_t at = 0, bytes; at < length; at += bytes) {
    bytes = length - at < PIECE ? length - at : PIECE;
    if (!move(disk, READ, block + at / disk->block, bytes)) return -1;
    for (uint32_t i = 0; i < bytes; i++) into[at + i] = disk->data[i];
  }
  return 0;
}

GUESTRIG_EXPORT(write) int write(struct disk *disk, uint64_t block, const uint8_t *from, uint32_t length) {
  if (length % disk->block != 0) return -1;
  for (uint32_t at = 0, bytes; at < length; at += bytes) {
    bytes = length - at < PIECE ? length - at : PIECE;
    for (uint32_t i = 0; i < bytes; i++) disk->data[i] = from[at + i];
    if (!move(disk, WRITE, block + at / disk->block, bytes)) return -1;
  }
  return 0;
}

/* 0 once what was written is safe. */
GUESTRIG_EXPORT(flush) int flush(struct disk *disk) {
  return !disk->caches || RUN(disk, &disk->io, FLUSH, disk->namespace) ? 0 : -1;
}

/* Run by `guestrig conform nvme.wasm`: three pages are written and come back. */
GUESTRIG_EXPORT(run) int run(struct disk *disk) {
  static uint8_t out[3 * PAGE], back[3 * PAGE];
  for (uint32_t i = 0; i < sizeof out; i++) out[i] = i * 7 + (i >> 9);
  if (write(disk, 8, out, sizeof out) != 0 || flush(disk) != 0 || read(disk, 8, back, sizeof back) != 0) return -1;
  for (uint32_t i = 0; i < sizeof out; i++)
    if (back[i] != out[i]) return -1;
  return 0;
}

/* Another driver may take the controller: it has written what it has, and accesses no memory. */
GUESTRIG_EXPORT(stop) int stop(struct disk *disk) {
  int works = RUN(disk, &disk->admin, DELETE_SQ, [10] = 1) && RUN(disk, &disk->admin, DELETE_CQ, [10] = 1);
  /* One that was reset has nothing to shut down. */
  if (!disk->lost) {
    put(disk, CC, (get(disk, CC) & ~SHUTDOWN_BITS) | SHUTDOWN);
    works = becomes(disk, SHUTDOWN_STATUS, SHUTDOWN_DONE) && works;
    put(disk, CC, 0);
  }
  works = becomes(disk, READY, 0) && works;
  uint32_t now = config(disk->bdf, COMMAND);
  out16(CONFDATA, (uint16_t)now & ~BUS_MASTER);
  return works ? 0 : -1;
}
