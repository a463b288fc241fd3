import { GuestMemory } from '../core/memory.ts';
import type { Decoded } from '../core/struct.ts';
import type { Medium } from '../media/medium.ts';
import { MemoryMedium } from '../media/memory.ts';
import { PciRig } from '../pci/rig.ts';
import { NvmeFunction } from './function.ts';
import { Namespace } from './namespace.ts';
import * as reg from './registers/bar0.ts';
import { ADMIN, CREATE_CQ_CDW11, CREATE_SQ_CDW11, cqe, STATUS_FIELD, sqe } from './registers/commands.ts';
import type { NvmeSettings } from './settings.ts';

const REGISTERS = 0xfeb0_0000;
/** Of MSI-X, and what enables it. */
const TABLE = 0xfea0_0000;
const ENABLE_MSIX = 0x8000_0000;
const BYTES = 1 << 21;
/** Where the rig's queues are: submission and completion queue n are n pages further on. */
const [SUBMISSIONS, COMPLETIONS] = [0x1_0000, 0x2_0000];
/** Data of commands, and a list of its pages. */
export const [DATA, LIST] = [0x4_0000, 0x3_0000];

const RIG_SETTINGS: NvmeSettings = {
  model: 'nvme_card-pd',
  revision: '2',
  queues: 2,
  entries: 4096,
  vectors: 3,
  namespacesMost: 4,
  mdts: 5,
  writeCache: true,
  dstrd: 0,
  times: { enable: 1000, disable: 1000, shutdown: 1000 },
  latency: 0,
  pace: null,
  offers: { reservations: false, sgl: false, weighted: false, fused: false },
};

type Fields = Partial<Decoded<(typeof sqe)['members']>>;

/** A completion; `of` is the submission queue. */
interface Taken {
  readonly cid: number;
  readonly status: number;
  readonly result: number;
  readonly head: number;
  readonly of: number;
}

/** For tests: a controller at 00:04.0, and the hands of a driver that polls. */
export class NvmeRig extends PciRig {
  readonly fn: NvmeFunction;
  private readonly tails: number[] = [];
  private readonly heads: number[] = [];
  private readonly sizes: number[] = [];
  private cid = 0;

  constructor(
    more: Partial<NvmeSettings> = {},
    medium: Medium = new MemoryMedium(1 << 20),
    memory: GuestMemory = GuestMemory.of(BYTES),
  ) {
    super(memory);
    this.fn = new NvmeFunction('nvme0', this.board, { ...RIG_SETTINGS, ...more });
    this.fn.controller.attach(new Namespace(1, medium, { blockSize: 512, vendorText: '{}', nguid: '' }));
    this.bus.add(this.fn, 4);
    this.set(4, 0x10, REGISTERS, 4);
    this.set(4, 0x04, 0x0006, 2);
  }

  get view(): DataView {
    return this.board.memory.ranges[0]!.view;
  }

  get bytes(): Uint8Array {
    return this.board.memory.ranges[0]!.bytes;
  }

  read({ offset }: { readonly offset: number }): number {
    return this.mmio.read(REGISTERS + offset, 4);
  }

  write({ offset }: { readonly offset: number }, value: number): void {
    this.mmio.write(REGISTERS + offset, value >>> 0, 4);
  }

  doorbell(index: number, value: number): void {
    const stride = reg.DOORBELL_BYTES << this.fn.controller.settings.dstrd;
    this.mmio.write(REGISTERS + reg.DOORBELLS + index * stride, value, 4);
  }

  /** With the messages of vectors 0 to 2 as their data. */
  withMessages(): this {
    this.set(4, 0x20, TABLE, 4);
    for (const vector of [0, 1, 2]) {
      this.mmio.write(TABLE + vector * 16, 0xfee0_0000, 4);
      this.mmio.write(TABLE + vector * 16 + 8, vector, 4);
      this.mask(vector, false);
    }
    this.set(4, 0x40, ENABLE_MSIX, 4);
    return this;
  }

  mask(vector: number, isMasked: boolean): void {
    this.mmio.write(TABLE + vector * 16 + 12, isMasked ? 1 : 0, 4);
  }

  /** Starts it with an admin queue of so many entries. */
  enable(entries = 8, cc = 0x0046_0001): this {
    this.sizes[0] = entries;
    this.tails[0] = this.heads[0] = 0;
    this.bytes.fill(0, COMPLETIONS, COMPLETIONS + 0x1000);
    this.write(reg.AQA, reg.AQA.encode({ ASQS: entries - 1, ACQS: entries - 1 }));
    this.write(reg.ASQ, SUBMISSIONS);
    this.write(reg.ACQ, COMPLETIONS);
    this.write(reg.CC, cc);
    this.clock.advance(RIG_SETTINGS.times.enable);
    return this;
  }

  /** Knows a pair of queues of so many entries. */
  adopt(id: number, entries: number): void {
    this.sizes[id] = entries;
    this.tails[id] = this.heads[id] = 0;
  }

  /** Makes a pair of I/O queues. */
  makePair(id = 1, entries = 8, vector: number | null = null): this {
    this.adopt(id, entries);
    const place = ((entries - 1) << 16) | id;
    const cdw11 = CREATE_CQ_CDW11.encode({ PC: 1, IEN: vector === null ? 0 : 1, IV: vector ?? 0 });
    this.bytes.fill(0, COMPLETIONS + id * reg.PAGE, COMPLETIONS + (id + 1) * reg.PAGE);
    this.run({
      opcode: ADMIN.CREATE_CQ,
      prp1: BigInt(COMPLETIONS + id * reg.PAGE),
      cdw10: place,
      cdw11,
    });
    const sq = CREATE_SQ_CDW11.encode({ PC: 1, CQID: id });
    this.run({
      opcode: ADMIN.CREATE_SQ,
      prp1: BigInt(SUBMISSIONS + id * reg.PAGE),
      cdw10: place,
      cdw11: sq,
    });
    return this;
  }

  /** Puts a command into a queue, without its doorbell. */
  put(fields: Fields, queue = 0): void {
    const at = SUBMISSIONS + queue * reg.PAGE + this.tails[queue]! * sqe.size;
    this.bytes.fill(0, at, at + sqe.size);
    sqe.encode({ cid: this.cid++, prp1: BigInt(DATA), ...fields }, this.bytes, at);
    this.tails[queue] = (this.tails[queue]! + 1) % this.sizes[queue]!;
  }

  ring(queue = 0): void {
    this.doorbell(2 * queue, this.tails[queue]!);
  }

  /** The next completion, which is taken; null if there is none. */
  take(queue = 0): Taken | null {
    const entry = this.peek(queue);
    if (entry === null) return null;
    this.heads[queue] = this.heads[queue]! + 1;
    this.doorbell(2 * queue + 1, this.heads[queue]! % this.sizes[queue]!);
    return entry;
  }

  /** The same without telling the controller. */
  peek(queue = 0): Taken | null {
    const size = this.sizes[queue]!;
    const lap = Math.floor(this.heads[queue]! / size);
    const at = COMPLETIONS + queue * reg.PAGE + (this.heads[queue]! % size) * cqe.size;
    const { status, cid, result, sq_head, sq_id } = cqe.decode(this.bytes, at);
    const { P, DNR } = STATUS_FIELD.decode(status);
    if (P !== ((lap + 1) & 1)) return null;
    return { cid, status: (DNR << 14) | ((status >> 1) & 0x7ff), result, head: sq_head, of: sq_id };
  }

  /** Carries out a command. @returns its status, with DNR as 4000h. */
  run(fields: Fields, queue = 0): number {
    this.put(fields, queue);
    this.ring(queue);
    return this.take(queue)!.status;
  }

  /** Takes what is there. @returns dword 0 of each. */
  takeAll(queue = 0): number[] {
    const results: number[] = [];
    for (let one = this.take(queue); one !== null; one = this.take(queue)) results.push(one.result);
    return results;
  }
}
