import type { Driver } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import type { DriverModel } from '../model/model.ts';

/** For tests: legacy drivers that believe all that a used ring and an answer say. */

const [CONFADD, CONFDATA] = [0xcf8, 0xcfc];
const [FEATURES, QUEUE_ADDRESS, QUEUE_SIZE, QUEUE_SELECT, NOTIFY, STATUS] = [4, 8, 12, 14, 16, 18];
const [NEXT, WRITE, PAGE] = [1, 2, 4096];
const MRG_RXBUF = 1 << 15;

type Piece = readonly [at: number, length: number, access: 'r' | 'w'];

/** A split ring, each chain of which has a head of its own. */
class Believer {
  private readonly port: GuestPort;
  private readonly base: number;
  private readonly index: number;
  private readonly size: number;
  private readonly at: number;
  private readonly used: number;
  private readonly lent = new Map<number, { readonly pieces: readonly Piece[] }>();
  private free = 0;
  private added = 0;
  private taken = 0;

  constructor(port: GuestPort, base: number, index: number) {
    port.out(base + QUEUE_SELECT, index, 2);
    this.port = port;
    this.base = base;
    this.index = index;
    this.size = port.in(base + QUEUE_SIZE, 2);
    const used = Math.ceil((18 * this.size + 6) / PAGE) * PAGE;
    this.at = port.allocate(used + 8 * this.size + 6, PAGE);
    this.used = this.at + used;
    port.out(base + QUEUE_ADDRESS, this.at / PAGE, 4);
  }

  lend(pieces: readonly Piece[]): void {
    const { memory } = this.port;
    const head = this.free;
    this.free = (this.free + pieces.length) % (this.size - 4);
    for (const [i, [at, length, access]] of pieces.entries()) {
      const desc = this.at + 16 * (head + i);
      memory.store(desc, at, 4);
      memory.store(desc + 8, length, 4);
      memory.store(desc + 12, (access === 'w' ? WRITE : 0) | (i + 1 < pieces.length ? NEXT : 0), 2);
      memory.store(desc + 14, head + i + 1, 2);
    }
    this.lent.set(head, { pieces });
    memory.store(this.at + 16 * this.size + 4 + 2 * (this.added % this.size), head, 2);
    this.added = (this.added + 1) & 0xffff;
    memory.store(this.at + 16 * this.size + 2, this.added, 2);
    if ((memory.load(this.used, 2) & 1) === 0) this.port.out(this.base + NOTIFY, this.index, 2);
  }

  get hasMore(): boolean {
    return this.port.memory.load(this.used + 2, 2) !== this.taken;
  }

  /** The next that came back; waits for ever. */
  take(): { readonly pieces: readonly Piece[]; readonly length: number } {
    const { memory } = this.port;
    while (!this.hasMore);
    const entry = this.used + 4 + 8 * (this.taken % this.size);
    this.taken = (this.taken + 1) & 0xffff;
    const id = memory.load(entry, 4);
    const { pieces } = this.lent.get(id)!;
    this.lent.delete(id);
    return { pieces, length: memory.load(entry + 4, 4) };
  }
}

function start<Queues>(
  port: GuestPort,
  bdf: number,
  features: number,
  queues: (base: number) => Queues,
): Queues {
  port.out(CONFADD, 0x8000_0000 + bdf * 256 + 4, 4);
  port.out(CONFDATA, port.in(CONFDATA, 2) | 5, 2);
  port.out(CONFADD, 0x8000_0000 + bdf * 256 + 0x10, 4);
  const base = port.in(CONFDATA, 4) & 0xfffc;
  for (const status of [0, 1, 3]) port.out(base + STATUS, status, 1);
  port.out(base + FEATURES, port.in(base, 4) & features, 4);
  const made = queues(base);
  port.out(base + STATUS, 7, 1);
  return made;
}

function driver<Handle>(device: number, attach: (port: GuestPort, bdf: number) => Handle): Driver<Handle> {
  return { name: 'believer', matches: (id) => id.vendor === 0x1af4 && id.device === device, attach };
}

const FRAME = 1514;

/** A card that takes each frame as its used entry and its header tell. */
function nic(port: GuestPort, bdf: number, header: number) {
  const { memory } = port;
  const [receive, transmit] = start(
    port,
    bdf,
    header === 12 ? MRG_RXBUF : 0,
    (base) => [new Believer(port, base, 0), new Believer(port, base, 1)] as const,
  );
  const room = () => {
    const at = port.allocate(header + FRAME, 16);
    receive.lend([
      [at, header, 'w'],
      [at + header, FRAME, 'w'],
    ]);
  };
  for (let i = 0; i < 16; i++) room();
  const out = port.allocate(header + FRAME, 16);
  return {
    send(frame: Uint8Array) {
      memory.write(out + header, frame);
      transmit.lend([
        [out, header, 'r'],
        [out + header, frame.length, 'r'],
      ]);
      transmit.take();
    },
    receive(): Uint8Array[] {
      const frames: Uint8Array[] = [];
      while (receive.hasMore) {
        const { pieces, length } = receive.take();
        const bytes = new Uint8Array(length - header);
        memory.read(pieces[1]![0], bytes);
        const start = memory.load(pieces[0]![0] + 6, 2);
        if ((memory.load(pieces[0]![0], 1) & 1) !== 0) new DataView(bytes.buffer).setUint16(start, 0);
        let more = header === 12 ? memory.load(pieces[0]![0] + 10, 2) : 1;
        while (--more !== 0) receive.take();
        frames.push(bytes);
        room();
      }
      return frames;
    },
  };
}

/** One that takes frames whole, and one that joins buffers. */
function believingNic(name: string, header: number): DriverModel {
  const one = driver(0x1000, (port, bdf) => nic(port, bdf, header));
  return {
    name,
    drivers: [one],
    run: (_port, [handle]) => (handle as ReturnType<typeof nic>).send(new Uint8Array(60)),
    use: {
      send: (frame, [handle]) => (handle as ReturnType<typeof nic>).send(frame),
      receive: ([handle]) => (handle as ReturnType<typeof nic>).receive(),
    },
  };
}

export const NIC_BELIEVERS = {
  whole: believingNic('takes a frame as its entry tells', 10),
  joined: believingNic('joins as many buffers as its header tells', 12),
};

const [REQUEST, RESPONSE, DATA] = [51, 108, 4096];
/** Bytes of the suite's disk. */
const DISK = 1 << 20;

/** A disk adapter: what a command brought, and where the response and the data lie. */
function disk(port: GuestPort, bdf: number) {
  const { memory } = port;
  const requests = start(port, bdf, 0, (base) => new Believer(port, base, 2));
  const [request, response] = [port.allocate(REQUEST, 16), port.allocate(RESPONSE, 16)];
  return (cdb: readonly number[], length: number) => {
    const data = port.allocate(length, 16);
    memory.fill(request, 0, REQUEST);
    memory.write(request, Uint8Array.of(1, 1, 0x40, 0));
    memory.write(request + 19, Uint8Array.from(cdb));
    requests.lend([
      [request, REQUEST, 'r'],
      [response, RESPONSE, 'w'],
      [data, length, 'w'],
    ]);
    requests.take();
    return { memory, response, data, number: (at: number) => swapped(memory.load(at, 4)) };
  };
}

type Asks = ReturnType<typeof disk>;

function swapped(value: number): number {
  return [24, 16, 8, 0].reduce((sum, bits, i) => sum + ((value >>> bits) & 0xff) * 256 ** i, 0);
}

function believingDisk(name: string, use: (ask: Asks) => unknown): DriverModel {
  return {
    name,
    drivers: [driver(0x1004, disk)],
    run: (_port, [ask]) => void use(ask as Asks),
  };
}

const INQUIRY = [0x12, 0, 0, 0, 36];
const CAPACITY = [0x25];

/** Twice: the first command after power-on is answered with a unit attention. */
function capacity(ask: Asks): { last: number; block: number } {
  ask(CAPACITY, 8);
  const { data, number } = ask(CAPACITY, 8);
  return { last: number(data), block: number(data + 4) };
}

export const DISK_BELIEVERS = {
  sense: believingDisk('copies as much sense as there is said to be', (ask) => {
    const { memory, response } = ask(INQUIRY, 36);
    memory.read(response + 12, new Uint8Array(Math.min(memory.load(response, 4), DATA)));
  }),
  residual: believingDisk('makes room for what came', (ask) => {
    const { memory, response } = ask(INQUIRY, 36);
    return new Uint8Array(36 - memory.load(response + 4, 4));
  }),
  response: believingDisk('has a name for each response that it knows', (ask) => {
    const { memory, response } = ask(INQUIRY, 36);
    return ['good', '', 'check condition'][memory.load(response + 10, 1)]!.length;
  }),
  inquiry: believingDisk('reads an answer as long as it says it is', (ask) => {
    const { memory, data } = ask(INQUIRY, 36);
    memory.read(data, new Uint8Array(5 + memory.load(data + 4, 1)));
  }),
  luns: believingDisk('reads a list as long as it says it is', (ask) => {
    ask([0xa0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0], DATA);
    const { memory, data, number } = ask([0xa0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0], DATA);
    for (let i = 8; i < number(data); i += 8) memory.load(data + i, 4);
  }),
  blocks: believingDisk('has an entry for each block of a sector', (ask) => Array(512 / capacity(ask).block)),
  end: believingDisk('counts blocks in 32 bits', (ask) =>
    Array(Math.floor(DISK / ((capacity(ask).last + 1) >>> 0))),
  ),
};
