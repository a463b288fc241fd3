/* A pair of NVMe's I/O queues before the disk in memory: reads by PRPs, each checked, carried out and completed. Included by paths.c,
   behind disk.c. */

enum { NVME_RING = 1024, NVME_READ = 2, NVME_PAGE = 4096, NVME_MOST = 1 << 19 };
enum { NVME_OK, NVME_OPCODE = 0x4001, NVME_FIELD, NVME_NAMESPACE = 0x400b, NVME_OFFSET = 0x4013, NVME_RANGE = 0x4080 };

struct nvme_command {
  uint8_t opcode, flags;
  uint16_t id;
  uint32_t nsid;
  uint64_t reserved, metadata, prp1, prp2, slba;
  uint32_t rest[4];
};
struct nvme_done { uint32_t result, reserved; uint16_t head, queue, id, status; };

static struct nvme_command *nvme_posted;
static struct nvme_done *nvme_completed;
static uint32_t nvme_head, nvme_slot, nvme_phase, nvme_pending;
static volatile uint32_t nvme_tail, nvme_taken;

static uint8_t *nvme_place(uint64_t at, uint64_t length) {
  return at <= disk_ram.size && length <= disk_ram.size - at ? disk_ram.bytes + at : NULL;
}

/* PRP1 may begin within its page; behind it comes a page, or a list of pages. */
static uint32_t nvme_read(const struct nvme_command *command) {
  uint64_t count = (command->rest[0] & 0xffff) + 1, left = count * BLOCK, offset = command->slba * BLOCK;
  if (command->opcode != NVME_READ) return NVME_OPCODE;
  if (command->flags & 0xc3) return NVME_FIELD;
  if (command->nsid != 1) return NVME_NAMESPACE;
  if (left > NVME_MOST) return NVME_FIELD;
  if (command->slba > memory_disk.blocks || count > memory_disk.blocks - command->slba) return NVME_RANGE;
  if (command->prp1 & 3) return NVME_OFFSET;
  uint64_t at = command->prp1, list = command->prp2;
  for (bool is_list = false;;) {
    uint64_t n = NVME_PAGE - at % NVME_PAGE < left ? NVME_PAGE - at % NVME_PAGE : left;
    uint8_t *to = nvme_place(at, n);
    if (!to || !move_memory(&memory_disk, false, offset, to, n)) return NVME_FIELD;
    offset += n, left -= n;
    if (!left) return NVME_OK;
    if (!is_list && left <= NVME_PAGE) {
      at = list;
    } else {
      is_list = true;
      uint8_t *entry = nvme_place(list, 8);
      if (!entry) return NVME_FIELD;
      memcpy(&at, entry, 8);
      list += 8;
      if (list % NVME_PAGE == 0 && left > NVME_PAGE) list = at;
    }
    if (at % NVME_PAGE) return NVME_OFFSET;
  }
}

static __attribute__((noinline)) void nvme_serve(void) {
  while (nvme_head != nvme_tail && (nvme_slot + 1) % NVME_RING != nvme_taken) {
    struct nvme_command command = nvme_posted[nvme_head];
    nvme_head = (nvme_head + 1) % NVME_RING;
    uint32_t status = nvme_read(&command);
    struct nvme_done *done = &nvme_completed[nvme_slot];
    done->result = done->reserved = 0, done->head = nvme_head, done->queue = 1;
    __atomic_store_n((uint32_t *)&done->id, command.id | (status << 1 | nvme_phase) << 16, __ATOMIC_RELEASE);
    if (++nvme_slot == NVME_RING) nvme_slot = 0, nvme_phase ^= 1;
    nvme_pending = 1;
    made++;
  }
}

static void set_up_nvme(void) {
  if (!disk_ram.bytes) disk_ram.bytes = aligned_alloc(4096, disk_ram.size);
  memset(disk_ram.bytes, 0, disk_ram.size);
  nvme_posted = (struct nvme_command *)disk_ram.bytes;
  nvme_completed = (struct nvme_done *)(disk_ram.bytes + REQUESTS_AT);
  nvme_head = nvme_tail = nvme_slot = nvme_taken = 0;
  nvme_phase = 1;
  for (int i = 0; i < NVME_RING; i++)
    nvme_posted[i] = (struct nvme_command){
        .opcode = NVME_READ, .id = i, .nsid = 1, .prp1 = DATA + i % DISK_BATCH * 4096, .slba = i * 8 % 2048, .rest = {7}};
}

static void nvme_all(long commands) {
  for (long i = 0; i < commands; i += DISK_BATCH) {
    nvme_tail = (nvme_head + DISK_BATCH) % NVME_RING;
    nvme_serve();
    nvme_taken = nvme_slot;
  }
}
