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
import { COMMAND, INTERRUPT_LINE } from '../../../pci/registers.ts';
import { DriverError, SECOND } from '../../driver-error.ts';
import { GuestInterrupts } from '../../interrupts/interrupts.ts';
import { barAddress } from '../../pci/bars.ts';
import { disable, enable, readRegister } from '../../pci/config.ts';
import { type Message, MsixDriver, usualMode } from '../../pci/msix.ts';
import { type CommandFields, type Completion, QueuePair } from './queue-pair.ts';
import { prpOf, Transfers } from './transfer.ts';

const { MEMORY_SPACE, BUS_MASTER, INTERRUPT_DISABLE } = COMMAND.mask;
const { RDY, CFS } = reg.CSTS.mask;
const ALL_ONES = 0xffff_ffff;
/** Of INTMS and INTMC: without messages there is one vector. */
const PIN = 1;
const HIGH = 0x1_0000_0000;
const ADMIN_ENTRIES = 32;
const IO_ENTRIES = 64;
const TIMEOUT_UNIT: Nanos = SECOND / 2;
const ADMIN_TIMEOUT: Nanos = 60 * SECOND;
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
  private readonly mode: NonNullable<NvmeUse['interrupts']>;
  private readonly msix: MsixDriver | null;
  private readonly messages: Message[] = [];
  private readonly admin: QueuePair;
  private readonly stride: number;
  private readonly entries: number;
  /** How long RDY may take. */
  private readonly timeout: Nanos;
  private unlisten: () => void = () => {};

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
    this.stop();
    this.msix = MsixDriver.of(port, bdf);
    this.mode = interrupts ?? usualMode(port, this.msix);
    this.admin = new QueuePair(port, this.base, 0, ADMIN_ENTRIES, this.stride);
    this.startInterrupts();
    this.start();
  }

  /** Carries out an admin command; `bytes` of data come back. */
  ask(fields: CommandFields, bytes = 0): { completion: Completion; data: Uint8Array } {
    const { transfers } = this;
    const transfer = bytes > 0 ? transfers.take(bytes) : null;
    const completion = this.run(this.admin, { ...fields, ...(transfer && prpOf(transfer)) }, ADMIN_TIMEOUT);
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
    const vectors = this.mode === 'msix' ? this.msix!.vectors - 1 : granted;
    for (let id = 1; id <= Math.min(wanted, granted, vectors); id++) this.makePair(id);
  }

  /** Waits for an event of these kinds, as Asynchronous Event Configuration has them. */
  listen(kinds: number): void {
    const cdw10 = FEATURE.ASYNC_EVENT;
    this.must('Set Features', { opcode: ADMIN.SET_FEATURES, cdw10, cdw11: kinds });
    this.requestEvent();
  }

  /** Gives a command to a queue, and waits until it ends. */
  run(pair: QueuePair, fields: CommandFields, limit: Nanos): Completion {
    let completion: Completion | null = null;
    this.waitFor(() => pair.hasRoom, limit, `queue ${pair.id} stays full`);
    pair.submit(fields, (ended) => {
      completion = ended;
    });
    this.waitFor(() => completion !== null, limit, `a command of queue ${pair.id} does not end`);
    return completion!;
  }

  /** Takes what was completed. */
  poll(): void {
    this.admin.serve();
    for (const pair of this.pairs) pair.serve();
  }

  waitFor(until: () => boolean, limit: Nanos, what: string): void {
    const done = this.port.wait(() => {
      if (this.mode === 'polled') this.poll();
      return until();
    }, limit);
    if (!done) this.fail(what);
  }

  /** Reads the log pages of events that were told, and waits for further ones. @returns the namespaces that changed. */
  takeEvents(): number[] {
    if (this.mode === 'polled') this.poll();
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
    this.stop();
    this.stopInterrupts();
    disable(port, bdf, BUS_MASTER);
    for (const pair of [this.admin, ...pairs]) pair.release();
    this.transfers.release();
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
    const { port, mode, entries } = this;
    const pair = new QueuePair(port, this.base, id, entries, this.stride);
    const place = ((entries - 1) << 16) | id;
    const vector = mode === 'msix' ? id : 0;
    if (mode === 'msix') this.route(vector, () => pair.serve());
    this.must('Create Queue', {
      opcode: ADMIN.CREATE_CQ,
      prp1: BigInt(pair.completions),
      cdw10: place >>> 0,
      cdw11: CREATE_CQ_CDW11.encode({ PC: 1, IEN: mode === 'polled' ? 0 : 1, IV: vector }),
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

  private startInterrupts(): void {
    const { port, bdf, mode, msix } = this;
    if (mode === 'msix') {
      if (msix === null) this.fail('it has no MSI-X');
      msix.start();
      this.route(0, () => this.admin.serve());
      return;
    }
    if (mode === 'polled') {
      enable(port, bdf, INTERRUPT_DISABLE);
      return;
    }
    disable(port, bdf, INTERRUPT_DISABLE);
    const irq = readRegister(port, bdf, INTERRUPT_LINE);
    this.unlisten = GuestInterrupts.of(port).listen(irq, 'level', () => this.serveLine());
  }

  /** The line may be shared. Masked meanwhile, it rises again only for what is new. */
  private serveLine(): boolean {
    this.write(reg.INTMS, PIN);
    let any = this.admin.serve();
    for (const pair of this.pairs) any = pair.serve() || any;
    this.write(reg.INTMC, PIN);
    return any;
  }

  private route(vector: number, handler: () => void): void {
    const message = GuestInterrupts.of(this.port).message(handler);
    this.messages.push(message);
    this.msix!.route(vector, message);
  }

  private stopInterrupts(): void {
    this.unlisten();
    if (this.mode === 'msix') this.msix!.stop();
    for (const message of this.messages) GuestInterrupts.of(this.port).retire(message);
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
