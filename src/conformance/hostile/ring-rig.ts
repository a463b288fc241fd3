import type { Driver } from '../../core/driver.ts';
import type { GuestPort } from '../../core/guest-port.ts';
import { PORT } from '../../core/places.ts';
import { BAR0, COMMAND } from '../../pci/registers.ts';
import { CDB } from '../../scsi/cdb/registers.ts';
import * as shape from '../../scsi/registers.ts';
import { NET_FEATURE, NET_HDR_SIZE, virtio_net_hdr } from '../../virtio/net/registers.ts';
import * as reg from '../../virtio/registers.ts';
import {
  CDB_SIZE_DEFAULT,
  SCSI_QUEUE,
  SENSE_SIZE_DEFAULT,
  virtio_scsi_req_cmd,
  virtio_scsi_resp_cmd,
} from '../../virtio/scsi/registers.ts';
import type { DriverModel } from '../model/model.ts';

/** For tests: legacy drivers that believe all that a used ring and an answer say. */

const { CONFADD, CONFDATA } = PORT;
const { IO_SPACE, BUS_MASTER } = COMMAND.mask;
const { NEXT, WRITE } = reg.VIRTQ_DESC_F;
const PAGE = reg.LEGACY_QUEUE_ALIGN;
const MRG_RXBUF = 1 << NET_FEATURE.MRG_RXBUF;

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
    port.out(base + reg.QUEUE_SELECT.offset, index, 2);
    this.port = port;
    this.base = base;
    this.index = index;
    this.size = port.in(base + reg.QUEUE_SIZE.offset, 2);
    const used = Math.ceil((18 * this.size + 6) / PAGE) * PAGE;
    this.at = port.allocate(used + 8 * this.size + 6, PAGE);
    this.used = this.at + used;
    port.out(base + reg.QUEUE_ADDRESS.offset, this.at / PAGE, 4);
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
    if ((memory.load(this.used, 2) & 1) === 0)
      this.port.out(this.base + reg.QUEUE_NOTIFY.offset, this.index, 2);
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
  port.out(CONFADD, 0x8000_0000 + bdf * 256 + COMMAND.offset, 4);
  port.out(CONFDATA, port.in(CONFDATA, 2) | IO_SPACE | BUS_MASTER, 2);
  port.out(CONFADD, 0x8000_0000 + bdf * 256 + BAR0, 4);
  const base = port.in(CONFDATA, 4) & 0xfffc;
  for (const status of [0, 1, 3]) port.out(base + reg.DEVICE_STATUS.offset, status, 1);
  port.out(base + reg.DRIVER_FEATURES.offset, port.in(base + reg.DEVICE_FEATURES.offset, 4) & features, 4);
  const made = queues(base);
  port.out(base + reg.DEVICE_STATUS.offset, 7, 1);
  return made;
}

function driver<Handle>(device: number, attach: (port: GuestPort, bdf: number) => Handle): Driver<Handle> {
  return {
    name: 'believer',
    matches: (id) => id.vendor === reg.VIRTIO_VENDOR_ID && id.device === device,
    attach,
  };
}

const { csum_start, num_buffers } = virtio_net_hdr.offset;
const FRAME = 1514;

/** A card that takes each frame as its used entry and its header tell. */
function nic(port: GuestPort, bdf: number, header: number) {
  const { memory } = port;
  const [receive, transmit] = start(
    port,
    bdf,
    header === NET_HDR_SIZE.mergeable ? MRG_RXBUF : 0,
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
        const start = memory.load(pieces[0]![0] + csum_start, 2);
        if ((memory.load(pieces[0]![0], 1) & 1) !== 0) new DataView(bytes.buffer).setUint16(start, 0);
        let more = header === NET_HDR_SIZE.mergeable ? memory.load(pieces[0]![0] + num_buffers, 2) : 1;
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
  const one = driver(reg.TRANSITIONAL_ID.net, (port, bdf) => nic(port, bdf, header));
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
  whole: believingNic('takes a frame as its entry tells', NET_HDR_SIZE.legacy),
  joined: believingNic('joins as many buffers as its header tells', NET_HDR_SIZE.mergeable),
};

const [HEAD, ANSWER] = [virtio_scsi_req_cmd.size, virtio_scsi_resp_cmd.size];
const [REQUEST, RESPONSE, DATA] = [HEAD + CDB_SIZE_DEFAULT, ANSWER + SENSE_SIZE_DEFAULT, 4096];
const answer = virtio_scsi_resp_cmd.offset;
/** Bytes of the suite's disk. */
const DISK = 1 << 20;

/** A disk adapter: what a command brought, and where the response and the data lie. */
function disk(port: GuestPort, bdf: number) {
  const { memory } = port;
  const requests = start(port, bdf, 0, (base) => new Believer(port, base, SCSI_QUEUE.request));
  const [request, response] = [port.allocate(REQUEST, 16), port.allocate(RESPONSE, 16)];
  return (cdb: readonly number[], length: number) => {
    const data = port.allocate(length, 16);
    memory.fill(request, 0, REQUEST);
    memory.write(request, Uint8Array.of(1, 1, 0x40, 0));
    memory.write(request + HEAD, Uint8Array.from(cdb));
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
    drivers: [driver(reg.TRANSITIONAL_ID.scsi, disk)],
    run: (_port, [ask]) => void use(ask as Asks),
  };
}

const INQUIRY = [...shape.INQUIRY.encode({ operation: CDB.INQUIRY.usage[0]!, allocation: 36 })];
const CAPACITY = [CDB.READ_CAPACITY_10.usage[0]!];
const LUNS = [...shape.REPORT_LUNS.encode({ operation: CDB.REPORT_LUNS.usage[0]!, allocation: DATA })];

/** Twice: the first command after power-on is answered with a unit attention. */
function capacity(ask: Asks): { last: number; block: number } {
  ask(CAPACITY, 8);
  const { data, number } = ask(CAPACITY, 8);
  return { last: number(data), block: number(data + 4) };
}

export const DISK_BELIEVERS = {
  sense: believingDisk('copies as much sense as there is said to be', (ask) => {
    const { memory, response } = ask(INQUIRY, 36);
    memory.read(
      response + ANSWER,
      new Uint8Array(Math.min(memory.load(response + answer.sense_len, 4), DATA)),
    );
  }),
  residual: believingDisk('makes room for what came', (ask) => {
    const { memory, response } = ask(INQUIRY, 36);
    return new Uint8Array(36 - memory.load(response + answer.residual, 4));
  }),
  response: believingDisk('has a name for each response that it knows', (ask) => {
    const { memory, response } = ask(INQUIRY, 36);
    return ['good', '', 'check condition'][memory.load(response + answer.status, 1)]!.length;
  }),
  inquiry: believingDisk('reads an answer as long as it says it is', (ask) => {
    const { memory, data } = ask(INQUIRY, 36);
    memory.read(data, new Uint8Array(5 + memory.load(data + 4, 1)));
  }),
  luns: believingDisk('reads a list as long as it says it is', (ask) => {
    ask(LUNS, DATA);
    const { memory, data, number } = ask(LUNS, DATA);
    for (let i = 8; i < number(data); i += 8) memory.load(data + i, 4);
  }),
  blocks: believingDisk('has an entry for each block of a sector', (ask) => Array(512 / capacity(ask).block)),
  end: believingDisk('counts blocks in 32 bits', (ask) =>
    Array(Math.floor(DISK / ((capacity(ask).last + 1) >>> 0))),
  ),
};
