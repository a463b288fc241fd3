/* A PC16550D behind a table of ports: what a write of THR and a read of LSR come to, in virtual time. Included by paths.c. */

enum { PORTS = 0x10000, COM1 = 0x3f8, FIFO = 16, TIMERS = 12, RECORD = 1 << 20, ACCESS = 1000 };
enum { THRE = 0x20, TEMT = 0x40, LSR_ERRORS = 0x1e, ERBFI = 1, ETBEI = 2, ELSI = 4, EDSSI = 8, DLAB = 0x80, LOOP = 0x10, OUT2 = 8 };
#define NEVER UINT64_MAX

struct uart;
struct timer { uint64_t due; void (*fire)(struct uart *); struct uart *uart; };

struct uart {
  uint8_t dll, dlm, ier, lcr, mcr, scr, msr_deltas, fifo_on, errors, timed_out, received, thr_pending, line;
  uint8_t words[FIFO], first, count, capacity, most;
  int shifting;
  uint64_t total;
  uint8_t *record;
  void (*endpoint)(struct uart *, uint8_t);
  struct timer *shift, *indication;
};

struct region { uint32_t base; void *device; uint32_t (*read)(void *, uint32_t); void (*write)(void *, uint32_t, uint32_t); };

static struct timer timers[TIMERS];
static uint64_t now_ns, next_due = NEVER;
static struct region *ports[PORTS];

static void arm(struct timer *timer, uint64_t after) {
  timer->due = now_ns + after;
  if (timer->due < next_due) next_due = timer->due;
}

static void pass(uint64_t by) {
  uint64_t until = now_ns + by;
  while (next_due <= until) {
    struct timer *first = &timers[0];
    uint64_t second = NEVER;
    for (int i = 1; i < TIMERS; i++)
      if (timers[i].due < first->due) second = first->due, first = &timers[i];
      else if (timers[i].due < second) second = timers[i].due;
    next_due = second;
    if (first->due > until) { next_due = first->due; break; }
    if (first->due > now_ns) now_ns = first->due;
    first->due = NEVER;
    first->fire(first->uart);
  }
  now_ns = until;
}

static void update(struct uart *u) {
  bool pending = ((u->ier & ELSI) && u->errors) || ((u->ier & ERBFI) && (u->timed_out || u->received)) ||
                 ((u->ier & ETBEI) && u->thr_pending) || ((u->ier & EDSSI) && u->msr_deltas);
  u->line = (u->mcr & OUT2) && pending;
}

static void run(struct uart *u) {
  if (!(u->dll | u->dlm) || u->shift->due != NEVER) return;
  if (u->shifting >= 0 || u->count) arm(u->shift, 0);
}

static void indicate(struct uart *u) {
  u->thr_pending = 1;
  update(u);
}

static void tick(struct uart *u) {
  int sent = u->shifting;
  bool more = u->count > 0;
  u->shifting = -1;
  if (more) u->shifting = u->words[u->first], u->first = (u->first + 1) % FIFO, u->count--;
  run(u);
  if (more && !u->count) {
    if (u->fifo_on && u->most < 2) arm(u->indication, 0);
    else u->thr_pending = 1;
    u->most = 0;
    update(u);
  }
  if (sent >= 0 && !(u->mcr & LOOP)) u->endpoint(u, sent);
}

static void keep_byte(struct uart *u, uint8_t byte) { u->record[u->total++ % RECORD] = byte, made++; }

static uint32_t uart_read(void *device, uint32_t offset) {
  struct uart *u = device;
  switch (offset) {
    case 0: return u->lcr & DLAB ? u->dll : 0;
    case 1: return u->lcr & DLAB ? u->dlm : u->ier;
    case 3: return u->lcr;
    case 4: return u->mcr;
    case 5: {
      uint32_t status = (u->received ? 1 : 0) | u->errors | (u->count ? 0 : u->shifting < 0 ? THRE | TEMT : THRE);
      if (status & LSR_ERRORS) u->errors = 0, update(u);
      return status;
    }
    case 7: return u->scr;
    default: return 0;
  }
}

static void uart_write(void *device, uint32_t offset, uint32_t value) {
  struct uart *u = device;
  switch (offset) {
    case 0:
      if (u->lcr & DLAB) { u->dll = value; break; }
      u->thr_pending = 0;
      u->indication->due = NEVER;
      if (u->count < u->capacity) u->words[(u->first + u->count++) % FIFO] = value;
      else if (u->capacity == 1) u->words[u->first] = value;
      if (u->count > u->most) u->most = u->count;
      run(u);
      update(u);
      break;
    case 1:
      if (u->lcr & DLAB) u->dlm = value;
      else u->ier = value & 0xf, update(u);
      break;
    case 3: u->lcr = value; break;
    case 4: u->mcr = value & 0x1f, update(u); break;
    case 7: u->scr = value; break;
  }
}

static __attribute__((noinline)) uint32_t port_in(uint32_t port) {
  pass(ACCESS);
  const struct region *region = ports[port & 0xffff];
  return region ? region->read(region->device, port - region->base) : 0xff;
}

static __attribute__((noinline)) void port_out(uint32_t port, uint32_t value) {
  pass(ACCESS);
  const struct region *region = ports[port & 0xffff];
  if (region) region->write(region->device, port - region->base, value);
}

static void set_up_uart(void) {
  static struct uart com1 = {.dll = 1, .lcr = 3, .mcr = 0xb, .fifo_on = 1, .capacity = FIFO, .shifting = -1, .endpoint = keep_byte};
  static struct region region = {COM1, &com1, uart_read, uart_write};
  if (com1.record) return;
  com1.record = calloc(1, RECORD);
  for (int i = 0; i < TIMERS; i++) timers[i].due = NEVER;
  timers[0] = (struct timer){NEVER, tick, &com1};
  timers[1] = (struct timer){NEVER, indicate, &com1};
  com1.shift = &timers[0], com1.indication = &timers[1];
  for (int i = 0; i < 8; i++) ports[COM1 + i] = &region;
}

static void uart_all(long bytes) {
  for (long i = 0; i < bytes; i++) {
    while (!(port_in(COM1 + 5) & THRE)) ;
    port_out(COM1, i & 0xff);
  }
}
