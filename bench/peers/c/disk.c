/* virtio-scsi before a disk: requests are all taken, then carried out and answered. Included by paths.c. */

enum { DISK_RING = 1024, DISK_BATCH = 32, REQUEST = 19, CDB = 32, RESPONSE = 12, SENSE = 96, BLOCK = 512 };
enum { PAGE = 1 << 16, DISK_PAGES = 256, LARGEST = 512, TARGETS = 256, BUCKETS = 4096, IN_FLIGHT = 256, PIECES = 72 };
enum { OK, OVERRUN, BAD_TARGET = 3, FAILURE = 9 };
enum { CHECK_CONDITION = 2 };
enum { REQUESTS_AT = 0x80000, DATA = 0x100000, ROOM = 0x400000 };

struct list {
  uint32_t count;
  uint64_t total;
  struct segment segments[PIECES];
};

struct request {
  uint64_t tag;
  uint32_t chain, target, lun, expected, moved;
  uint8_t response, status, sense_length, ready;
  uint8_t cdb[CDB], sense[SENSE];
  struct request *beside;
  struct list readable, writable, out, in;
};

/* Pages come into being when first written; where there is a file, all lies in it. */
struct disk {
  uint64_t blocks;
  int file;
  uint8_t *pages[DISK_PAGES];
};

static struct ram disk_ram = {0, ROOM + (1 << 20)};
static struct split_queue requests = {.size = DISK_RING};
static struct request pool[IN_FLIGHT], *taken[IN_FLIGHT], *buckets[BUCKETS];
static struct disk memory_disk = {DISK_PAGES * (uint64_t)PAGE / BLOCK, -1}, file_disk = {1 << 11, -1};
static struct disk *targets[TARGETS];
static uint32_t taken_count;

static uint64_t gather(const struct list *from, void *to, uint64_t skip, uint64_t count) {
  uint64_t done = 0;
  for (uint32_t i = 0; i < from->count && done < count; i++) {
    uint64_t length = from->segments[i].len;
    if (skip >= length) { skip -= length; continue; }
    uint64_t n = length - skip < count - done ? length - skip : count - done;
    memcpy((uint8_t *)to + done, from->segments[i].at + skip, n);
    done += n, skip = 0;
  }
  return done;
}

static void scatter(const struct list *to, const void *from, uint64_t skip, uint64_t count) {
  uint64_t done = 0;
  for (uint32_t i = 0; i < to->count && done < count; i++) {
    uint64_t length = to->segments[i].len;
    if (skip >= length) { skip -= length; continue; }
    uint64_t n = length - skip < count - done ? length - skip : count - done;
    memcpy(to->segments[i].at + skip, (const uint8_t *)from + done, n);
    done += n, skip = 0;
  }
}

static void add_to(struct list *list, struct segment segment) {
  list->segments[list->count++] = segment;
  list->total += segment.len;
}

static void set_tail(struct list *tail, const struct list *whole, uint64_t skip) {
  tail->count = tail->total = 0;
  for (uint32_t i = 0; i < whole->count; i++) {
    struct segment segment = whole->segments[i];
    if (skip < segment.len) {
      add_to(tail, (struct segment){segment.at + skip, segment.len - skip, segment.write});
      skip = 0;
    } else
      skip -= segment.len;
  }
}

/* Fixed format, with the field or the block that is meant. */
static void check(struct request *request, uint8_t key, uint16_t code, uint32_t information) {
  request->status = CHECK_CONDITION;
  request->sense_length = 18;
  memset(request->sense, 0, 18);
  request->sense[0] = 0x70, request->sense[2] = key, request->sense[7] = 10;
  put32(request->sense + 3, information);
  put16(request->sense + 12, code);
}

static uint32_t bucket_of(const struct request *request) {
  uint32_t mixed = (uint32_t)request->tag ^ ((uint32_t)(request->tag >> 32) ^ request->target << 16 ^ request->lun) * 0x85ebca6b;
  return mixed * 0x9e3779b1 >> 20;
}

static bool overlaps(const struct request *request) {
  for (const struct request *other = buckets[bucket_of(request)]; other; other = other->beside)
    if (other->tag == request->tag && other->target == request->target && other->lun == request->lun) return true;
  return false;
}

static void read_request(struct request *request, const struct chain *chain) {
  uint8_t head[REQUEST];
  request->chain = chain->id;
  request->response = OK, request->status = request->sense_length = 0, request->ready = false;
  request->expected = request->moved = 0;
  request->readable.count = request->readable.total = request->writable.count = request->writable.total = 0;
  request->in.total = request->out.total = request->target = request->lun = request->tag = 0;
  if (chain->count > PIECES) { request->response = FAILURE; return; }
  for (uint32_t i = 0; i < chain->count; i++)
    add_to(chain->segments[i].write ? &request->writable : &request->readable, chain->segments[i]);
  request->response = FAILURE;
  if (request->readable.total < REQUEST + CDB || request->writable.total < RESPONSE + SENSE) return;
  gather(&request->readable, head, 0, REQUEST);
  gather(&request->readable, request->cdb, REQUEST, CDB);
  memcpy(&request->tag, head + 8, 8);
  set_tail(&request->out, &request->readable, REQUEST + CDB);
  set_tail(&request->in, &request->writable, RESPONSE + SENSE);
  request->response = BAD_TARGET;
  uint32_t rest;
  memcpy(&rest, head + 4, 4);
  if (head[0] != 1 || (head[2] & 0xc0) == 0x80 || rest) return;
  request->target = head[1];
  request->lun = (head[2] & 0x3f) << 8 | head[3];
  request->response = FAILURE;
  if (request->in.total && request->out.total) return;
  request->response = OK;
  if (overlaps(request)) check(request, 0xb, 0x4e00, 0);
  else request->ready = true;
}

static bool move_memory(struct disk *disk, bool write, uint64_t offset, uint8_t *at, uint64_t count) {
  while (count) {
    uint64_t within = offset % PAGE, n = PAGE - within < count ? PAGE - within : count;
    uint8_t **page = &disk->pages[offset / PAGE];
    if (write) {
      if (!*page) *page = calloc(1, PAGE);
      memcpy(*page + within, at, n);
    } else if (*page)
      memcpy(at, *page + within, n);
    else
      memset(at, 0, n);
    offset += n, at += n, count -= n;
  }
  return true;
}

static bool move_file(struct disk *disk, bool write, uint64_t offset, uint8_t *at, uint64_t count) {
  while (count) {
    ssize_t n = write ? pwrite(disk->file, at, count, offset) : pread(disk->file, at, count, offset);
    if (n <= 0) return false;
    offset += n, at += n, count -= n;
  }
  return true;
}

static void transfer(struct request *request, struct disk *disk, bool write) {
  const struct list *list = write ? &request->out : &request->in;
  uint32_t lba = get32(request->cdb + 2), blocks = get16(request->cdb + 7);
  if (blocks > LARGEST) { check(request, 5, 0x2400, 7); return; }
  if ((uint64_t)lba + blocks > disk->blocks) { check(request, 5, 0x2100, 0); return; }
  request->expected = blocks * BLOCK;
  if (list->total < request->expected) { request->response = OVERRUN; return; }
  for (uint32_t i = 0; i < list->count && request->moved < request->expected; i++) {
    struct segment segment = list->segments[i];
    uint32_t left = request->expected - request->moved, n = segment.len < left ? segment.len : left;
    uint64_t offset = (uint64_t)lba * BLOCK + request->moved;
    bool moved = disk->file < 0 ? move_memory(disk, write, offset, segment.at, n) : move_file(disk, write, offset, segment.at, n);
    if (!moved) { check(request, 3, write ? 0x0c00 : 0x1100, lba + request->moved / BLOCK); return; }
    request->moved += n;
  }
}

/* Bits that a command does not use are to be 0. */
static const uint8_t USAGE[256][10] = {
  [0x00] = {0, 0, 0, 0, 0, 0x04},
  [0x28] = {0x28, 0x18, 0xff, 0xff, 0xff, 0xff, 0x1f, 0xff, 0xff, 0x04},
  [0x2a] = {0x2a, 0x18, 0xff, 0xff, 0xff, 0xff, 0x1f, 0xff, 0xff, 0x04},
};

static void execute(struct request *request) {
  struct disk *disk = request->lun == 0 ? targets[request->target] : NULL;
  const uint8_t *cdb = request->cdb;
  if (!disk) { request->response = BAD_TARGET; return; }
  if (cdb[0] != 0x00 && cdb[0] != 0x28 && cdb[0] != 0x2a) { check(request, 5, 0x2000, 0); return; }
  for (int i = 1; i < (cdb[0] ? 10 : 6); i++)
    if (cdb[i] & ~USAGE[cdb[0]][i]) { check(request, 5, 0x2400, i); return; }
  if (cdb[0]) transfer(request, disk, cdb[0] == 0x2a);
}

static uint32_t respond(struct request *request) {
  uint8_t answer[RESPONSE];
  uint32_t sense_length = request->sense_length, residual = request->in.total + request->out.total - request->moved;
  if (request->writable.total < RESPONSE + SENSE) return 0;
  memcpy(answer, &sense_length, 4);
  memcpy(answer + 4, &residual, 4);
  answer[8] = answer[9] = 0, answer[10] = request->status, answer[11] = request->response;
  scatter(&request->writable, answer, 0, RESPONSE);
  scatter(&request->writable, request->sense, RESPONSE, sense_length);
  return RESPONSE + SENSE + (request->in.total ? request->moved : 0);
}

static __attribute__((noinline)) void serve_requests(void) {
  if (!driver_ok) return;
  while (taken_count < IN_FLIGHT && split_pop(&requests)) {
    struct request *request = &pool[taken_count];
    read_request(request, &requests.chain);
    struct request **bucket = &buckets[bucket_of(request)];
    request->beside = *bucket;
    *bucket = taken[taken_count++] = request;
  }
  for (uint32_t i = 0; i < taken_count; i++) {
    struct request *request = taken[i];
    if (request->ready) execute(request);
    split_push(&requests, request->chain, respond(request));
    made += request->moved;
  }
  for (uint32_t i = 0; i < taken_count; i++) buckets[bucket_of(taken[i])] = NULL;
  taken_count = 0;
  split_flush(&requests);
}

/* Before each batch the driver wrote its requests: of so many bytes each, in such pieces, one after another on the disk. */
struct job { bool write; uint32_t bytes, piece, batch, blocks; struct disk *disk; };

static void set_up_disk(const struct job *job) {
  if (!disk_ram.bytes) disk_ram.bytes = aligned_alloc(4096, disk_ram.size);
  memset(disk_ram.bytes, 0, DATA);
  memset(&requests, 0, sizeof requests);
  driver_ok = 1;
  requests = (struct split_queue){.ram = &disk_ram, .size = DISK_RING};
  requests.desc = (struct descriptor *)(disk_ram.bytes + TABLE);
  requests.avail = (uint16_t *)(disk_ram.bytes + DRIVER);
  requests.used = (uint16_t *)(disk_ram.bytes + DEVICE);
  requests.avail[0] = 1;
  targets[1] = job->disk;
  uint32_t pieces = job->bytes / job->piece, length = pieces + 2;
  for (uint32_t i = 0; i < job->batch; i++) {
    uint32_t at = REQUESTS_AT + i * 512, next = i * length;
    uint8_t *head = disk_ram.bytes + at, *cdb = head + REQUEST;
    struct descriptor answer = {at + 128, RESPONSE + SENSE, {.split = {WRITE, 0}}};
    head[0] = head[1] = 1, head[2] = 0x40, head[8] = i + 1;
    cdb[0] = job->write ? 0x2a : 0x28;
    put16(cdb + 7, job->bytes / BLOCK);
    requests.desc[next++] = (struct descriptor){at, REQUEST + CDB, {.split = {0, 0}}};
    if (!job->write) requests.desc[next++] = answer;
    for (uint32_t k = 0; k < pieces; k++) {
      uint32_t data = DATA + i * job->bytes + k * job->piece;
      requests.desc[next++] = (struct descriptor){data, job->piece, {.split = {job->write ? 0 : WRITE, 0}}};
    }
    if (job->write) requests.desc[next++] = answer;
    for (uint32_t k = i * length; k + 1 < next; k++)
      requests.desc[k].split.flags |= NEXT, requests.desc[k].split.next = k + 1;
  }
  for (int slot = 0; slot < DISK_RING; slot++) requests.avail[2 + slot] = slot % job->batch * length;
}

static void disk_all(const struct job *job, long times) {
  uint32_t lba = 0, step = job->bytes / BLOCK;
  for (long i = 0; i < times; i += job->batch) {
    for (uint32_t k = 0; k < job->batch; k++, lba = (lba + step) % job->blocks)
      put32(disk_ram.bytes + REQUESTS_AT + k * 512 + REQUEST + 2, lba);
    __atomic_store_n(&requests.avail[1], requests.next_avail + job->batch, __ATOMIC_RELEASE);
    serve_requests();
  }
}

/* A driver that asks for pages, waits, looks at the answer, and hands on a copy. */
static void driver_reads(long times) {
  static uint8_t copy[LARGEST * BLOCK];
  struct job job = {false, sizeof copy, 4096, 1, 2048, &memory_disk};
  set_up_disk(&job);
  uint8_t *head = disk_ram.bytes + REQUESTS_AT;
  for (long i = 0; i < times; i++) {
    uint16_t before = requests.used[1];
    memset(head, 0, REQUEST + CDB);
    head[0] = head[1] = 1, head[2] = 0x40, head[8] = i;
    head[REQUEST] = 0x28;
    put16(head + REQUEST + 7, LARGEST);
    memset(head + 128, 0xff, RESPONSE);
    disk_all(&job, 1);
    if (requests.used[1] == before || head[128 + 11] || head[128 + 10]) abort();
    memcpy(copy, disk_ram.bytes + DATA, sizeof copy);
    made += copy[0];
  }
}
