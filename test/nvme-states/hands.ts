import type { GuestPort } from '../../src/core/guest-port.ts';
import type { Asked, Got } from './model.ts';

const PAGE = 4096;
const [MASTER, MEMORY] = [4, 2];
const A_WHILE = 10_000_000;
const ADMIN_ENTRIES = 16;
/** Room for the largest queue that is asked for. */
const QUEUE_BYTES = 1025 * 64 + PAGE;
const DATA_BYTES = 10 * PAGE;

/** A queue pair, as its driver has it. */
interface Pair {
  readonly sq: number;
  readonly cq: number;
  entries: number;
  taken: number;
  tail: number;
  head: number;
  phase: number;
}

/** A driver of the least there can be, by numbers of the standard alone. */
export class Hands {
  private readonly port: GuestPort;
  private readonly base: number;
  private readonly pairs: Pair[];
  private readonly data: number;
  private readonly list: number;
  /** By submission queue: the completion queue. */
  private readonly completes = new Map<number, number>();
  private cid = 0;

  constructor(port: GuestPort, bdf: number, base: number) {
    this.port = port;
    this.base = base;
    port.out(0xcf8, (0x8000_0000 | (bdf << 8) | 4) >>> 0, 4);
    port.out(0xcfc, MASTER | MEMORY, 2);
    const room = () => port.allocate(QUEUE_BYTES, PAGE);
    this.pairs = Array.from({ length: 4 }, () => pairAt(room(), room()));
    this.data = port.allocate(DATA_BYTES, PAGE);
    this.list = port.allocate(PAGE, PAGE);
  }

  /** Resets the controller, and starts it. */
  start(): void {
    const { port } = this;
    this.write(0x14, 0);
    port.wait(() => (this.read(0x1c) & 1) === 0, A_WHILE);
    const [admin] = this.pairs as [Pair];
    this.renew(admin, ADMIN_ENTRIES);
    admin.entries = ADMIN_ENTRIES;
    admin.tail = 0;
    this.write(0x24, ((ADMIN_ENTRIES - 1) << 16) | (ADMIN_ENTRIES - 1));
    for (const [at, address] of [
      [0x28, admin.sq],
      [0x30, admin.cq],
    ] as const) {
      this.write(at, address);
      this.write(at + 4, 0);
    }
    this.write(0x14, 0x0046_0001);
    port.wait(() => (this.read(0x1c) & 1) === 1, A_WHILE);
    this.completes.clear();
    this.completes.set(0, 0);
  }

  /** Carries out a command whose data is `bytes`, and what it is answered. */
  run(queue: number, asked: Asked, bytes: Uint8Array): Got {
    const { port } = this;
    const pair = this.pairs[queue]!;
    const offset = asked.offset ?? 0;
    port.memory.write(this.data + offset, bytes);
    const cid = this.cid++ & 0x7fff;
    port.memory.write(pair.sq + pair.tail * 64, this.entryOf(queue, asked, cid, bytes.length));
    pair.tail = (pair.tail + 1) % pair.entries;
    this.write(0x1000 + 8 * queue, pair.tail);
    const done = this.take(this.completes.get(queue)!, cid);
    if (done.status === 0 && queue === 0) this.follow(asked);
    const read = new Uint8Array(bytes.length);
    port.memory.read(this.data + offset, read);
    return { ...done, bytes: read };
  }

  private entryOf(queue: number, asked: Asked, cid: number, length: number): Uint8Array {
    const bytes = new Uint8Array(64);
    const view = new DataView(bytes.buffer);
    const makes = queue === 0 && (asked.opcode === 1 || asked.opcode === 5);
    const own = this.pairs[asked.cdw10! & 3]!;
    const place = makes ? (asked.opcode === 1 ? own.sq : own.cq) : this.data;
    view.setUint8(0, asked.opcode);
    view.setUint8(1, asked.flags ?? 0);
    view.setUint16(2, cid, true);
    view.setUint32(4, asked.nsid ?? 0, true);
    view.setBigUint64(24, BigInt(place + (asked.offset ?? 0)), true);
    view.setBigUint64(32, BigInt(this.secondFor((asked.offset ?? 0) + length)), true);
    for (const [i, dword] of [asked.cdw10, asked.cdw11, asked.cdw12].entries())
      view.setUint32(40 + 4 * i, dword ?? 0, true);
    return bytes;
  }

  /** The second page, or for more than two a list of those behind the first. */
  private secondFor(end: number): number {
    if (end <= 2 * PAGE) return this.data + PAGE;
    for (let i = 1; i < DATA_BYTES / PAGE; i++) {
      this.port.memory.store(this.list + 8 * (i - 1), this.data + i * PAGE, 4);
      this.port.memory.store(this.list + 8 * (i - 1) + 4, 0, 4);
    }
    return this.list;
  }

  /** What a queue that was made, or deleted, changes. */
  private follow({ opcode, cdw10 = 0, cdw11 = 0 }: Asked): void {
    const id = cdw10 & 0xffff;
    const pair = this.pairs[id];
    if (pair === undefined) return;
    const entries = (cdw10 >>> 16) + 1;
    if (opcode === 5) this.renew(pair, entries);
    if (opcode === 1) {
      pair.entries = entries;
      pair.tail = 0;
      this.completes.set(id, cdw11 >>> 16);
    }
  }

  /** A completion queue is new: the submission queue of its number may be there, and complete elsewhere. */
  private renew(pair: Pair, taken: number): void {
    pair.taken = taken;
    pair.head = 0;
    pair.phase = 1;
    this.port.memory.fill(pair.cq, 0, 1024 * 16);
  }

  private take(completion: number, cid: number): Omit<Got, 'bytes'> {
    const { port } = this;
    const pair = this.pairs[completion]!;
    const at = pair.cq + pair.head * 16;
    const isThere = () => (port.memory.load(at + 14, 2) & 1) === pair.phase;
    if (!port.wait(isThere, A_WHILE)) return { status: -1, result: 0, isMine: true };
    const status = port.memory.load(at + 14, 2) >>> 1;
    const result = port.memory.load(at, 4);
    const isMine = port.memory.load(at + 12, 2) === cid;
    pair.head = (pair.head + 1) % pair.taken;
    if (pair.head === 0) pair.phase ^= 1;
    this.write(0x1000 + 8 * completion + 4, pair.head);
    return { status, result, isMine };
  }

  private read(offset: number): number {
    return this.port.read(this.base + offset, 4);
  }

  private write(offset: number, value: number): void {
    this.port.write(this.base + offset, value >>> 0, 4);
  }
}

function pairAt(sq: number, cq: number): Pair {
  return { sq, cq, entries: 0, taken: 0, tail: 0, head: 0, phase: 1 };
}
