import {
  configRead,
  configWrite,
  GuestInterrupts,
  type GuestPort,
  MsixDriver,
} from '../../src/guest/index.ts';

const [COMMAND, BAR0, BAR1, INTERRUPT_LINE] = [0x04, 0x10, 0x14, 0x3c];
/** Memory space and bus mastering. */
const DECODES = 0x0006;
const [CAP, INTMS, INTMC, CC, CSTS, AQA, ASQ, ACQ] = [0, 0x0c, 0x10, 0x14, 0x1c, 0x24, 0x28, 0x30];
export const REG = { CAP, INTMS, INTMC, CC, CSTS, AQA, ASQ, ACQ } as const;
export const ADMIN = {
  ...{ DELETE_SQ: 0, CREATE_SQ: 1, GET_LOG: 2, DELETE_CQ: 4, CREATE_CQ: 5, IDENTIFY: 6 },
  ...{ SET_FEATURES: 9, GET_FEATURES: 0x0a, ASYNC_EVENT: 0x0c },
} as const;
export const IO = { FLUSH: 0, WRITE: 1, READ: 2, WRITE_ZEROES: 8, DATASET_MANAGEMENT: 9 } as const;
const NUMBER_OF_QUEUES = 7;
export const PAGE = 4096;
export const ALL = 0xffff_ffff;
/** CC with entries of 64 and 16 bytes; and with a normal shutdown. */
export const ENTRIES = (6 << 16) | (4 << 20);
export const SHUTDOWN = ENTRIES | 1 | (1 << 14);
const [PC, IEN] = [1, 2];
const HIGH = 2 ** 32;
const SECOND = 1_000_000_000;

/** Words of a command; those that are left out are 0, and `cid` the next number. */
export interface Words {
  readonly op: number;
  readonly cid?: number;
  readonly nsid?: number;
  readonly prp1?: number;
  readonly prp2?: number;
  readonly cdw10?: number;
  readonly cdw11?: number;
  readonly cdw12?: number;
}

/** A submission queue, and the queue in which its commands complete. */
export class SmallPair {
  readonly nvme: SmallNvme;
  readonly id: number;
  readonly entries: number;
  readonly sq: number;
  readonly cq: number;
  tail = 0;
  head = 0;
  private phase = 1;
  private cid = 0;

  constructor(nvme: SmallNvme, id: number, entries = 16) {
    this.nvme = nvme;
    this.id = id;
    this.entries = entries;
    this.sq = nvme.port.allocate(64 * entries, PAGE);
    this.cq = nvme.port.allocate(16 * entries, PAGE);
  }

  /** Stores a command, and does not ring. */
  put({ op, nsid = 0, prp1 = 0, prp2 = 0, cdw10 = 0, cdw11 = 0, cdw12 = 0, cid }: Words): void {
    const { memory } = this.nvme.port;
    const id = cid ?? this.cid++;
    const pointers = [...halves(prp1), ...halves(prp2)];
    const words = [op | (id << 16), nsid, 0, 0, 0, 0, ...pointers, cdw10, cdw11, cdw12, 0, 0, 0];
    for (const [i, word] of words.entries()) memory.store(this.sq + 64 * this.tail + 4 * i, word >>> 0, 4);
    this.tail = (this.tail + 1) % this.entries;
  }

  ring(): void {
    this.nvme.ring(2 * this.id, this.tail);
  }

  submit(words: Words): void {
    this.put(words);
    this.ring();
  }

  /** Takes the next completion, and writes no head; false if there is none. */
  take(): boolean {
    const last = this.nvme.port.memory.load(this.cq + 16 * this.head + 12, 4);
    if (((last >>> 16) & 1) !== this.phase) return false;
    this.head = (this.head + 1) % this.entries;
    if (this.head === 0) this.phase ^= 1;
    if (last >>> 17 !== 0) throw new Error(`a command fails with status ${(last >>> 17).toString(16)}`);
    return true;
  }

  /** Takes all there is, and writes the head if there was any. @returns how many there were. */
  serve(): number {
    let count = 0;
    while (this.take()) count++;
    if (count > 0) this.acknowledge();
    return count;
  }

  acknowledge(): void {
    this.nvme.ring(2 * this.id + 1, this.head);
  }

  /** Waits for so many, by looking. */
  await(count = 1): void {
    let left = count;
    const done = this.nvme.port.wait(() => {
      while (left > 0 && this.take()) left--;
      return left === 0;
    }, SECOND);
    if (!done) throw new Error(`queue ${this.id} does not complete`);
  }

  run(words: Words): void {
    this.submit(words);
    this.await();
    this.acknowledge();
  }

  /** It begins anew in the same memory. */
  clear(): void {
    this.nvme.port.memory.fill(this.cq, 0, 16 * this.entries);
    this.head = this.tail = 0;
    this.phase = 1;
  }
}

/** A controller without a driver: its registers, and queues word by word. */
export class SmallNvme {
  readonly port: GuestPort;
  admin!: SmallPair;
  private readonly bdf: number;
  private readonly base: number;

  constructor({ port, bdf }: { readonly port: GuestPort; readonly bdf: number }) {
    this.port = port;
    this.bdf = bdf;
    configWrite(port, bdf, COMMAND, configRead(port, bdf, COMMAND, 2) | DECODES, 2);
    const low = configRead(port, bdf, BAR0, 4);
    this.base = low - (low & 0xf) + configRead(port, bdf, BAR1, 4) * HIGH;
  }

  read(offset: number): number {
    return this.port.read(this.base + offset, 4);
  }

  write(offset: number, value: number): void {
    this.port.write(this.base + offset, value >>> 0, 4);
  }

  write64(offset: number, address: number): void {
    this.write(offset, address % HIGH);
    this.write(offset + 4, Math.floor(address / HIGH));
  }

  ring(doorbell: number, value: number): void {
    this.write(0x1000 + 4 * doorbell, value);
  }

  /** Until these bits of CSTS have a value. */
  until(bits: number, value: number): void {
    const done = this.port.wait(() => (this.read(CSTS) & bits) === value, 10 * SECOND);
    if (!done) throw new Error('CSTS does not change');
  }

  /** Resets the controller, and starts it with admin queues of so many entries. */
  start(entries = 16): this {
    this.read(CAP);
    this.write(CC, 0);
    this.until(1, 0);
    this.admin = new SmallPair(this, 0, entries);
    this.write(AQA, ((entries - 1) << 16) | (entries - 1));
    this.write64(ASQ, this.admin.sq);
    this.write64(ACQ, this.admin.cq);
    this.write(CC, ENTRIES | 1);
    this.until(1, 1);
    return this;
  }

  askQueues(): this {
    this.admin.run({ op: ADMIN.SET_FEATURES, cdw10: NUMBER_OF_QUEUES, cdw11: 0x0001_0001 });
    return this;
  }

  /** Makes a pair, one command after the other. */
  make(pair: SmallPair, vector: number | null = null): SmallPair {
    this.admin.run(createCq(pair, vector));
    this.admin.run(createSq(pair));
    return pair;
  }

  delete({ id }: SmallPair): void {
    this.admin.run({ op: ADMIN.DELETE_SQ, cdw10: id });
    this.admin.run({ op: ADMIN.DELETE_CQ, cdw10: id });
  }

  page(): number {
    return this.port.allocate(PAGE, PAGE);
  }

  /** Stores the addresses of pages as a list. */
  listAt(at: number, pages: readonly number[]): void {
    for (const [i, page] of pages.entries())
      for (const [j, half] of halves(page).entries()) this.port.memory.store(at + 8 * i + 4 * j, half, 4);
  }

  /** The first entry of the MSI-X table has this handler. */
  onMessage(handler: () => void): void {
    const msix = MsixDriver.of(this.port, this.bdf)!;
    msix.start();
    msix.route(0, GuestInterrupts.of(this.port).message(handler));
  }

  onLine(handler: () => void): void {
    const line = configRead(this.port, this.bdf, INTERRUPT_LINE, 1);
    GuestInterrupts.of(this.port).listen(line, 'level', handler);
  }
}

export function createCq({ id, entries, cq }: SmallPair, vector: number | null = null): Words {
  const cdw11 = vector === null ? PC : (vector << 16) | IEN | PC;
  return { op: ADMIN.CREATE_CQ, prp1: cq, cdw10: ((entries - 1) << 16) | id, cdw11 };
}

/** @param cqid where it completes. */
export function createSq({ id, entries, sq }: SmallPair, cqid = id): Words {
  return { op: ADMIN.CREATE_SQ, prp1: sq, cdw10: ((entries - 1) << 16) | id, cdw11: (cqid << 16) | PC };
}

function halves(address: number): [low: number, high: number] {
  return [address % HIGH, Math.floor(address / HIGH)];
}
