import {
  acceptable,
  configRead,
  configWrite,
  type DriverTransport,
  findStructures,
  GuestInterrupts,
  type GuestPort,
  LegacyTransport,
  ModernTransport,
  MsixDriver,
} from '../../src/guest/index.ts';

const [COMMAND, BAR0, INTERRUPT_LINE] = [0x04, 0x10, 0x3c];
/** I/O and memory space, bus mastering; and INTx off. */
const [DECODES, NO_INTX] = [0x0007, 0x0400];
const [NEXT, WRITE, INDIRECT] = [1, 2, 4];
/** MAC, VERSION_1 and ACCESS_PLATFORM. */
const KNOWN = [5, 32, 33];
const PAGE = 4096;
export const [RECEIVE, TRANSMIT] = [0, 1];
export const FRAME = new Uint8Array(60).fill(0xff, 0, 12);
const LARGEST = 1514;

type Part = readonly [address: number, length: number, flags?: number];

/** A split ring, stored word by word, at any legal place. */
export class SmallRing {
  readonly port: GuestPort;
  readonly size: number;
  readonly desc: number;
  readonly avail: number;
  readonly used: number;
  added = 0;
  taken = 0;

  /** @param apart its three parts lie at the smallest alignments; not for the legacy interface. */
  constructor(port: GuestPort, size: number, apart: boolean) {
    this.port = port;
    this.size = size;
    const bytes = 16 * size + 6 + 2 * size;
    const used = 6 + 8 * size;
    const all = port.allocate(apart ? bytes : Math.ceil(bytes / PAGE) * PAGE + used, apart ? 16 : PAGE);
    this.desc = all;
    this.avail = apart ? port.allocate(bytes + 2, 4) + 2 : all + 16 * size;
    this.used = apart ? port.allocate(used + 4, 8) + 4 : all + Math.ceil(bytes / PAGE) * PAGE;
    port.memory.fill(all, 0, 16 * size);
    port.memory.fill(this.avail, 0, 6 + 2 * size);
    port.memory.fill(this.used, 0, used);
  }

  describe(slot: number, [address, length, flags = 0]: Part, next = 0, table = this.desc): void {
    const { memory } = this.port;
    const at = table + 16 * slot;
    memory.store(at, address % 2 ** 32, 4);
    memory.store(at + 4, Math.floor(address / 2 ** 32), 4);
    memory.store(at + 8, length, 4);
    memory.store(at + 12, flags, 2);
    memory.store(at + 14, next, 2);
  }

  /** Puts a chain at the descriptors from `slot` on, and into the next entry. */
  chain(slot: number, parts: readonly Part[]): void {
    for (const [i, [address, length, flags = 0]] of parts.entries()) {
      const more = i + 1 < parts.length;
      this.describe(slot + i, [address, length, flags | (more ? NEXT : 0)], more ? slot + i + 1 : 0);
    }
    this.enter(slot);
  }

  /** The same in a table, even of one piece. */
  indirect(slot: number, parts: readonly Part[]): void {
    const table = this.port.allocate(16 * parts.length, 16);
    for (const [i, [address, length, flags = 0]] of parts.entries()) {
      const more = i + 1 < parts.length;
      this.describe(i, [address, length, flags | (more ? NEXT : 0)], more ? i + 1 : 0, table);
    }
    this.describe(slot, [table, 16 * parts.length, INDIRECT]);
    this.enter(slot);
  }

  enter(slot: number): void {
    this.port.memory.store(this.avail + 4 + 2 * (this.added++ % this.size), slot, 2);
  }

  publish(): void {
    this.port.memory.store(this.avail + 2, this.added & 0xffff, 2);
  }

  get wantsKick(): boolean {
    return (this.port.memory.load(this.used, 2) & 1) === 0;
  }

  get usedIdx(): number {
    return this.port.memory.load(this.used + 2, 2);
  }

  /** The head of the next chain that came back; null for none. */
  take(): number | null {
    if (this.usedIdx === (this.taken & 0xffff)) return null;
    return this.port.memory.load(this.used + 4 + 8 * (this.taken++ % this.size), 4);
  }

  hush(): void {
    this.port.memory.store(this.avail, 1, 2);
  }
}

interface SmallUse {
  readonly features?: readonly number[];
  readonly apart?: boolean;
  /** How it learns what came; default it polls, with INTx off. */
  readonly interrupts?: 'line' | 'messages';
}

/** A card without a driver: its registers, two rings, and buffers by the number of their descriptor. */
export class SmallNic {
  readonly port: GuestPort;
  readonly bdf: number;
  readonly card: DriverTransport;
  readonly msix: MsixDriver | null = null;
  readonly rings: SmallRing[] = [];
  readonly header: number;
  private readonly use: SmallUse;
  private readonly buffers = new Map<number, number>();

  constructor(port: GuestPort, bdf: number, use: SmallUse = {}) {
    this.port = port;
    this.bdf = bdf;
    this.use = use;
    const structures = findStructures(port, bdf);
    configWrite(port, bdf, COMMAND, DECODES | (use.interrupts === 'line' ? 0 : NO_INTX), 2);
    if (use.interrupts === 'messages') this.msix = MsixDriver.of(port, bdf);
    this.msix?.start();
    const base = configRead(port, bdf, BAR0, 4) & ~3;
    this.card =
      structures === null
        ? new LegacyTransport(port, base, this.msix !== null)
        : new ModernTransport(port, structures);
    this.begin();
    this.header = this.isModern ? 12 : 10;
  }

  get isModern(): boolean {
    return this.card instanceof ModernTransport;
  }

  /** The reset, ACKNOWLEDGE and DRIVER. */
  begin(): void {
    this.card.reset();
    this.card.raise(1);
    this.card.raise(2);
  }

  /** Accepts features, sets the two rings up, and DRIVER_OK. */
  start(vector?: number): this {
    this.card.accept(acceptable(this.card.offered, this.use.features ?? KNOWN));
    this.card.closeFeatures();
    for (const queue of [RECEIVE, TRANSMIT]) {
      const size = this.card.queueSize(queue);
      const ring = new SmallRing(this.port, size, this.use.apart === true && this.isModern);
      this.rings.push(ring);
      this.card.setQueue(queue, { desc: ring.desc, driver: ring.avail, device: ring.used });
      if (this.use.interrupts === undefined) ring.hush();
      if (vector !== undefined) this.card.setQueueVector(queue, vector);
      this.card.enableQueue(queue);
    }
    if (vector !== undefined) this.card.setConfigVector(vector);
    this.card.raise(4);
    return this;
  }

  get receiving(): SmallRing {
    return this.rings[RECEIVE]!;
  }

  get sending(): SmallRing {
    return this.rings[TRANSMIT]!;
  }

  /** Header and frame, as two pieces. */
  packet(): Part[] {
    const { port, header } = this;
    const at = port.allocate(header + FRAME.length, 1);
    port.memory.fill(at, 0, header);
    port.memory.write(at + header, FRAME);
    return [
      [at, header],
      [at + header, FRAME.length],
    ];
  }

  /** Room for a header and a frame at the descriptors `2 * i` and `2 * i + 1`. */
  post(i: number): void {
    const { port, header } = this;
    const at = this.buffers.get(i) ?? port.allocate(header + LARGEST, 1);
    this.buffers.set(i, at);
    this.receiving.chain(2 * i, [
      [at, header, WRITE],
      [at + header, LARGEST, WRITE],
    ]);
  }

  /** Posts the first `count` buffers, and kicks. */
  fill(count: number): void {
    for (let i = 0; i < count; i++) this.post(i);
    this.publish(RECEIVE);
  }

  publish(queue: number): void {
    const ring = this.rings[queue]!;
    ring.publish();
    if (ring.wantsKick) this.card.notify(queue, ring.added & 0xffff);
  }

  sendAndWait(): void {
    const { sending, port } = this;
    sending.chain(0, this.packet());
    this.publish(TRANSMIT);
    port.wait(() => sending.take() !== null, 1_000_000_000);
  }

  /** What is called at each interrupt of its line. */
  onLine(handler: () => void): void {
    const line = configRead(this.port, this.bdf, INTERRUPT_LINE, 1);
    GuestInterrupts.of(this.port).listen(line, 'level', handler);
  }

  /** All queues and the configuration have vector 0, which has this handler. */
  onVector(handler: () => void): this {
    this.msix!.route(0, GuestInterrupts.of(this.port).message(handler));
    return this.start(0);
  }
}
