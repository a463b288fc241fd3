import { bdfText, type Gpa, type Nanos } from '../../../core/bits.ts';
import type { GuestPort } from '../../../core/guest-port.ts';
import type { Register } from '../../../core/register.ts';
import * as reg from '../../../nvme/registers/bar0.ts';
import {
  ADMIN,
  CNS,
  CREATE_CQ_CDW11,
  CREATE_SQ_CDW11,
  FEATURE,
  LOG,
} from '../../../nvme/registers/commands.ts';
import { COMMAND } from '../../../pci/registers.ts';
import { DriverError, SECOND } from '../../driver-error.ts';
import { barAddress } from '../../pci/bars.ts';
import { disable, enable } from '../../pci/config.ts';
import { type CommandFields, type Completion, QueuePair } from './queue-pair.ts';
import { Signals } from './signals.ts';
import { prpOf, Transfers } from './transfer.ts';

const { MEMORY_SPACE, BUS_MASTER } = COMMAND.mask;
const { RDY, CFS } = reg.CSTS.mask;
const ALL_ONES = 0xffff_ffff;
const HIGH = 0x1_0000_0000;
const ADMIN_ENTRIES = 32;
const IO_ENTRIES = 64;
const TIMEOUT_UNIT: Nanos = SECOND / 2;
const ADMIN_TIMEOUT: Nanos = 60 * SECOND;
const IO_TIMEOUT: Nanos = 30 * SECOND;
/** Until a command that was aborted is completed. */
const ABORT_TIMEOUT: Nanos = SECOND;
const SHUTDOWN_TIMEOUT: Nanos = 5 * SECOND;
const RUNNING = reg.CC.encode(reg.ENTRY_SIZE);

/** How a driver uses a controller. */
export interface NvmeUse {
  /** How it learns of completions. Default: messages. */
  readonly interrupts?: 'msix' | 'intx' | 'polled';
  /** Pairs of I/O queues that it asks for. Default 1. */
  readonly queues?: number;
  /** Entries of each I/O queue, as far as the controller has as many. Default 64. */
  readonly entries?: number;
}

/** A controller that runs: its admin queue, and pairs of I/O queues. */
export class RunningController {
  readonly name: string;
  readonly pairs: QueuePair[] = [];
  readonly transfers: Transfers;
  /** Dword 0 of the events that were told, which are not looked at yet. */
  readonly told: number[] = [];
  private readonly port: GuestPort;
  private readonly bdf: number;
  private readonly base: Gpa;
  private readonly signals: Signals;
  private readonly admin: QueuePair;
  private readonly stride: number;
  private readonly entries: number;
  /** How long RDY may take. */
  private readonly timeout: Nanos;
  private turn = 0;

  /** Resets the controller and starts it, in the order of Linux. */
  constructor(port: GuestPort, bdf: number, { interrupts, entries = IO_ENTRIES }: NvmeUse) {
    this.port = port;
    this.bdf = bdf;
    this.name = `nvme ${bdfText(bdf)}`;
    this.transfers = new Transfers(port);
    enable(port, bdf, MEMORY_SPACE | BUS_MASTER);
    this.base = barAddress(port, bdf, reg.NVME_BAR.registers)?.address ?? this.fail('BAR 0 has no address');
    if (this.read(reg.CSTS) === ALL_ONES) this.fail('it does not answer');
    const { MQES, TO } = reg.CAP.decode(this.read(reg.CAP));
    this.entries = Math.min(MQES + 1, entries);
    this.timeout = (TO + 1) * TIMEOUT_UNIT;
    this.stride = reg.DOORBELL_BYTES << reg.CAP_UPPER.decode(this.read(reg.CAP_UPPER)).DSTRD;
    if (this.entries < 2) this.fail('its queues have no room');
    this.stop();
    this.admin = new QueuePair(port, this.base, 0, ADMIN_ENTRIES, this.stride);
    const write = (register: Register, value: number) => this.write(register, value);
    this.signals = new Signals(port, bdf, { poll: () => this.poll(), write }, interrupts);
    this.signals.start();
    this.start();
  }

  /** Carries out an admin command; `bytes` of data come back. */
  ask(fields: CommandFields, bytes = 0): { completion: Completion; data: Uint8Array } {
    const { transfers } = this;
    const transfer = bytes > 0 ? transfers.take(bytes) : null;
    const completion = this.runAdmin({ ...fields, ...(transfer && prpOf(transfer)) });
    if (completion === null) this.fail('an admin command does not end');
    const data = transfer === null ? new Uint8Array(0) : transfers.load(transfer);
    if (transfer !== null) transfers.give(transfer);
    return { completion, data };
  }

  /** The same for a command that must not fail. */
  must(what: string, fields: CommandFields, bytes = 0): { result: number; data: Uint8Array } {
    const { completion, data } = this.ask(fields, bytes);
    if (completion.status !== 0) this.fail(`${what} failed with status ${completion.status.toString(16)}`);
    return { result: completion.result, data };
  }

  /** The answer to Identify. */
  identify(cns: number, nsid = 0): Uint8Array {
    return this.must('Identify', { opcode: ADMIN.IDENTIFY, nsid, cdw10: cns }, reg.PAGE).data;
  }

  /** A log page; its events are told again. */
  readLog(log: number, bytes: number): Uint8Array {
    const cdw10 = log | ((bytes / 4 - 1) << 16);
    return this.must('Get Log Page', { opcode: ADMIN.GET_LOG_PAGE, nsid: ALL_ONES, cdw10 }, bytes).data;
  }

  /** Makes as many pairs of queues as it may, up to `wanted`. */
  makeQueues(wanted: number): void {
    const asked = (((wanted - 1) << 16) | (wanted - 1)) >>> 0;
    const cdw10 = FEATURE.NUMBER_OF_QUEUES;
    const { result } = this.must('Set Features', { opcode: ADMIN.SET_FEATURES, cdw10, cdw11: asked });
    const granted = Math.min(result & 0xffff, result >>> 16) + 1;
    for (let id = 1; id <= Math.min(wanted, granted); id++) this.makePair(id);
  }

  /** Waits for an event of these kinds, as Asynchronous Event Configuration has them. */
  listen(kinds: number): void {
    const cdw10 = FEATURE.ASYNC_EVENT;
    this.must('Set Features', { opcode: ADMIN.SET_FEATURES, cdw10, cdw11: kinds });
    this.requestEvent();
  }

  /**
   * Carries out commands of I/O queues, which take turns, as there is room for them. Those that do not end are aborted.
   *
   * @returns how each ended; null of one that did not, even so.
   */
  runAll(commands: readonly CommandFields[]): readonly (Completion | null)[] {
    const ended: (Completion | null)[] = commands.map(() => null);
    let left = commands.length;
    for (const [i, fields] of commands.entries()) {
      const pair = this.pairs[this.turn++ % this.pairs.length]!;
      if (!this.waits(() => pair.hasRoom, IO_TIMEOUT)) break;
      pair.submit(fields, (completion) => {
        ended[i] = completion;
        left--;
      });
    }
    const isDone = () => left === 0;
    if (!this.waits(isDone, IO_TIMEOUT) && !this.hasFailed && this.abortAll())
      this.waits(isDone, ABORT_TIMEOUT);
    return ended;
  }

  /** Takes what was completed. @returns whether anything was. */
  poll(): boolean {
    let any = this.admin.serve();
    for (const pair of this.pairs) any = pair.serve() || any;
    return any;
  }

  /** Reads the log pages of events that were told, and waits for further ones. @returns the namespaces that changed. */
  takeEvents(): number[] {
    if (this.signals.mode === 'polled') this.poll();
    const changed: number[] = [];
    for (let event = this.told.shift(); event !== undefined; event = this.told.shift()) {
      const log = (event >>> 16) & 0xff;
      const page = this.readLog(log, log === LOG.CHANGED_NAMESPACES ? reg.PAGE : PAGE_LEAST);
      if (log === LOG.CHANGED_NAMESPACES)
        changed.push(...new Uint32Array(page.buffer).filter((nsid) => nsid !== 0));
      this.requestEvent();
    }
    return changed;
  }

  /** Numbers of the namespaces that there are. */
  list(): number[] {
    return [...new Uint32Array(this.identify(CNS.ACTIVE_LIST).buffer)].filter((nsid) => nsid !== 0);
  }

  /** Deletes the queues, shuts the controller down, resets it, and takes its memory back. */
  close(): void {
    const { pairs, port, bdf } = this;
    for (const { id } of pairs) this.must('Delete Queue', { opcode: ADMIN.DELETE_SQ, cdw10: id });
    for (const { id } of pairs) this.must('Delete Queue', { opcode: ADMIN.DELETE_CQ, cdw10: id });
    this.write(reg.CC, this.read(reg.CC) | reg.CC.encode({ SHN: reg.SHN.NORMAL }));
    const isDown = () => reg.CSTS.decode(this.read(reg.CSTS)).SHST === reg.SHST.COMPLETE;
    if (!port.wait(isDown, SHUTDOWN_TIMEOUT)) this.fail('it does not shut down');
    this.abandon();
    disable(port, bdf, BUS_MASTER);
  }

  /** Resets the controller, whatever it does, and takes its memory back. */
  abandon(): void {
    if (this.read(reg.CSTS) !== ALL_ONES) this.stop();
    this.signals.stop();
    for (const pair of [this.admin, ...this.pairs]) pair.release();
    this.transfers.release();
  }

  /** It says that it has failed, or is gone. */
  private get hasFailed(): boolean {
    return (this.read(reg.CSTS) & CFS) !== 0;
  }

  /** Waits, and looks once more at the end: an interrupt may have been lost. */
  private waits(until: () => boolean, limit: Nanos): boolean {
    const isPolled = this.signals.mode === 'polled';
    const done = this.port.wait(() => {
      if (isPolled) this.poll();
      return until();
    }, limit);
    if (!done) this.poll();
    return done || until();
  }

  /** Null if it does not end. */
  private runAdmin(fields: CommandFields): Completion | null {
    let completion: Completion | null = null;
    if (!this.waits(() => this.admin.hasRoom, ADMIN_TIMEOUT)) return null;
    this.admin.submit(fields, (ended) => {
      completion = ended;
    });
    this.waits(() => completion !== null, ADMIN_TIMEOUT);
    return completion;
  }

  /** One after the other: only some aborts may be outstanding. @returns whether the controller answers. */
  private abortAll(): boolean {
    const asks = this.pairs.flatMap(({ id, commands }) => commands.map((cid) => ((cid << 16) | id) >>> 0));
    return asks.every((cdw10) => this.runAdmin({ opcode: ADMIN.ABORT, cdw10 }) !== null);
  }

  fail(what: string): never {
    throw new DriverError(this.port, this.name, what);
  }

  /** Controllers that another driver left running are stopped, too. */
  private stop(): void {
    this.write(reg.CC, this.read(reg.CC) & ~reg.CC.mask.EN & ~reg.CC.mask.SHN);
    if (!this.port.wait(() => (this.read(reg.CSTS) & RDY) === 0, this.timeout)) this.fail('it stays ready');
  }

  private start(): void {
    const { admin } = this;
    this.write(reg.AQA, reg.AQA.encode({ ASQS: ADMIN_ENTRIES - 1, ACQS: ADMIN_ENTRIES - 1 }));
    this.place(reg.ASQ, reg.ASQ_UPPER, admin.submissions);
    this.place(reg.ACQ, reg.ACQ_UPPER, admin.completions);
    this.write(reg.CC, RUNNING);
    this.write(reg.CC, RUNNING | reg.CC.mask.EN);
    const settled = () => (this.read(reg.CSTS) & (RDY | CFS)) !== 0;
    if (!this.port.wait(settled, this.timeout)) this.fail('it does not become ready');
    if ((this.read(reg.CSTS) & CFS) !== 0) this.fail('it has failed');
  }

  private makePair(id: number): void {
    const { port, signals, entries } = this;
    const pair = new QueuePair(port, this.base, id, entries, this.stride);
    const place = ((entries - 1) << 16) | id;
    const vector = signals.vectorFor(id, () => pair.serve());
    this.must('Create Queue', {
      opcode: ADMIN.CREATE_CQ,
      prp1: BigInt(pair.completions),
      cdw10: place >>> 0,
      cdw11: CREATE_CQ_CDW11.encode({ PC: 1, IEN: signals.mode === 'polled' ? 0 : 1, IV: vector }),
    });
    this.must('Create Queue', {
      opcode: ADMIN.CREATE_SQ,
      prp1: BigInt(pair.submissions),
      cdw10: place >>> 0,
      cdw11: CREATE_SQ_CDW11.encode({ PC: 1, CQID: id }),
    });
    this.pairs.push(pair);
  }

  private requestEvent(): void {
    this.admin.submit({ opcode: ADMIN.ASYNC_EVENT_REQUEST }, ({ status, result }) => {
      if (status === 0) this.told.push(result);
    });
  }

  private place(low: Register, high: Register, address: Gpa): void {
    this.write(low, address % HIGH);
    this.write(high, Math.floor(address / HIGH));
  }

  private read(register: Register): number {
    return this.port.read(this.base + register.offset, 4);
  }

  private write(register: Register, value: number): void {
    this.port.write(this.base + register.offset, value >>> 0, 4);
  }
}

/** Bytes of the log pages that are not lists. */
const PAGE_LEAST = 512;
