import type { Board, DmaGate } from '../core/board.ts';
import { Budget, type BudgetHost } from '../core/budget.ts';
import { checkBytes } from '../core/checks.ts';
import type { GuestMemory } from '../core/memory.ts';
import type { NetBackend, NetPort } from '../net/backends/index.ts';
import type { Wire } from '../net/backends/wire.ts';
import { LONGEST_FRAME } from '../net/frame/headers.ts';
import { AdminQueue } from './admin/admin-queue.ts';
import { execute } from './admin/commands.ts';
import { Queues } from './admin/queues.ts';
import { Resources } from './admin/resources.ts';
import { Blocks } from './blocks.ts';
import type { Card } from './card.ts';
import type { DoorbellKind, Rung } from './doorbells.ts';
import { LateCompletions } from './dqo/late-completions.ts';
import type { GvnicEvents } from './events.ts';
import { FlowRules } from './flow-rules.ts';
import { Pace } from './pace.ts';
import { Receiver } from './receiver.ts';
import { DEVICE_STATUS, DRIVER_STATUS } from './registers/bar0.ts';
import { Sender } from './sender.ts';
import { type GvnicSettings, isDqo } from './settings.ts';
import { Statistics } from './statistics.ts';
import { Steering } from './steering.ts';

const { RESET, LINK_STATUS, DEVICE_IS_RESET } = DEVICE_STATUS.mask;
const { RUN } = DRIVER_STATUS.mask;
const RESET_DRIVER = DRIVER_STATUS.mask.RESET;
const PAGE = 4096;
/** Bytes of the longest packet of a DQO ring: those of a TSO context, and headers. */
const LONGEST_DQO = 0x3_ffff + 0xff;
const GIGABITS: number = 16_000;

/** The function that the card is behind. */
interface Host {
  readonly gate: DmaGate;
  /** Sends a message of MSI-X. */
  signal(vector: number): void;
}

/**
 * Google's virtual network card, as its public drivers know it: an admin queue, by which a driver makes queues of one of four
 * formats, and doorbells for them.
 */
export class Gvnic implements Card, Rung, NetPort, BudgetHost {
  readonly name: string;
  readonly board: Board;
  readonly settings: GvnicSettings;
  readonly gate: DmaGate;
  readonly budget: Budget;
  readonly blocks: Blocks;
  readonly sender: Sender;
  readonly resources: Resources;
  readonly queues: Queues;
  readonly steering: Steering;
  readonly flowRules: FlowRules;
  readonly statistics: Statistics;
  readonly admin: AdminQueue;
  readonly receiver: Receiver;
  readonly late: LateCompletions | null;
  /** Null is at once. */
  readonly pace: Pace | null;
  events: GvnicEvents | null = null;
  /** Mbit/s. */
  speed = GIGABITS;
  /** The address that was written for the admin queue, and is not in use yet. */
  base = 0;
  private asksForReset = false;
  private isReset = false;
  private readonly host: Host;
  private readonly receivePath: string;
  constructor(name: string, board: Board, settings: GvnicSettings, host: Host) {
    const { memory, clock } = board;
    this.name = name;
    this.receivePath = `${name}.receive`;
    this.board = board;
    this.settings = settings;
    this.host = host;
    this.gate = host.gate;
    this.budget = new Budget(this);
    this.blocks = new Blocks(name, clock, 2 * settings.pairs, (block) => this.fire(block));
    const longest = settings.formats.some(isDqo) ? LONGEST_DQO : LONGEST_FRAME;
    this.sender = new Sender(board, this.budget, longest);
    this.resources = new Resources(memory, settings, this.blocks);
    this.queues = new Queues(this, settings, this.resources);
    this.steering = new Steering(memory);
    this.flowRules = new FlowRules(settings.pairs);
    this.statistics = new Statistics(this, settings.pairs, () => this.queues.receiving);
    this.admin = new AdminQueue(this, (opcode, payload) => execute(this, opcode, payload));
    this.receiver = new Receiver(this);
    this.late = settings.manners && new LateCompletions(this, settings.manners);
    this.pace = settings.pace && new Pace(this, settings.pace, 2 * settings.pairs);
  }

  get memory(): GuestMemory {
    return this.board.memory;
  }

  get clock() {
    return this.board.clock;
  }

  get mac(): Uint8Array {
    return this.settings.mac;
  }

  get wire(): Wire {
    return this.sender.wire;
  }

  get canReachMemory(): boolean {
    return this.gate.open;
  }

  get isLittle(): boolean {
    const { format } = this.resources;
    return format !== null && isDqo(format);
  }

  /** device_status, as a driver reads it. */
  get status(): number {
    return (
      (this.asksForReset ? RESET : 0) |
      (this.wire.up ? LINK_STATUS : 0) |
      (this.isReset ? DEVICE_IS_RESET : 0)
    );
  }

  /** A driver wrote driver_status. */
  drive(value: number): void {
    if ((value & RESET_DRIVER) !== 0) {
      this.reset();
      this.isReset = true;
    } else if ((value & RUN) !== 0) {
      this.isReset = false;
      if (this.base !== 0 && this.base !== this.admin.address) this.start(this.base);
    }
  }

  /** A driver wrote the page number of its admin queue; 0 resets the device. */
  place(pfn: number): void {
    if (pfn === 0) this.reset();
    else this.start(pfn * PAGE);
  }

  /** Takes back all that a driver set up. Address, link, MSI-X and PCI configuration stay. */
  reset(): void {
    this.admin.stop();
    this.base = 0;
    this.asksForReset = this.isReset = false;
    this.queues.reset();
    if (this.late !== null) this.late.knowsAlternate = false;
    this.resources.reset();
    this.steering.reset();
    this.flowRules.reset();
    this.statistics.stop();
    this.budget.reset();
    this.pace?.reset();
    this.receiver.reset();
    this.events?.reset();
  }

  /** The device wants to be reset: its driver is told. */
  askForReset(): void {
    this.asksForReset = true;
    this.events?.resetAsked();
    this.notify();
  }

  /** Connects `backend`, after disconnecting an earlier one. */
  plug(backend: NetBackend | null): void {
    this.wire.backend?.attach(null);
    this.wire.backend = backend;
    backend?.attach(this);
  }

  setLink(up: boolean): void {
    if (up === this.wire.up) return;
    this.wire.up = up;
    this.notify();
  }

  setSpeed(mbits: number): void {
    this.speed = mbits;
  }

  /** Takes a frame from a backend. @throws MisuseError for an invalid frame. */
  receive(frame: Uint8Array): void {
    checkBytes(this.receivePath, frame);
    this.arrive(frame);
    this.clock.userCalls.settle();
  }

  /** As `receive`, for a valid frame. */
  arrive(frame: Uint8Array): void {
    this.receiver.arrive(frame);
  }

  /** Takes frames that arrive together, so that those of a flow may be joined. */
  receiveAll(frames: readonly Uint8Array[]): void {
    this.receiver.arriveAll(frames);
  }

  isGiven(kind: DoorbellKind, which: number): boolean {
    const { queues, blocks } = this;
    if (kind === 'block') return which < blocks.count;
    return (kind === 'transmit' ? queues.transmit : queues.receive)[which] != null;
  }

  ringTransmit(queue: number, value: number): void {
    this.budget.renew();
    this.queues.transmit[queue]?.ring(value);
  }

  ringReceive(queue: number, value: number): void {
    this.queues.receive[queue]?.ring(value);
  }

  ringBlock(block: number, value: number): void {
    if (block >= this.blocks.count) return;
    this.events?.blockRung(block, value);
    this.blocks.write(block, value);
  }

  goOn(queue: number): void {
    this.budget.begin();
    this.queues.transmit[queue]?.serve();
  }

  /** CPUs now see the bytes of the last packet. */
  resume(): void {
    this.receiver.resume();
  }

  close(): void {
    this.blocks.close();
    this.statistics.close();
    this.budget.close();
    this.late?.close();
    this.pace?.close();
  }

  private start(address: number): void {
    this.events?.adminPlaced(address, this.admin.address);
    this.base = address;
    this.asksForReset = false;
    this.admin.start(address);
  }

  holds(queue: number): boolean {
    return this.pace?.holds(queue) === true;
  }

  interrupt(block: number): void {
    this.host.signal(this.resources.firstVector + block);
  }

  private fire(block: number): void {
    if (this.pace === null) this.interrupt(block);
    else this.pace.fire(block);
  }

  /** The interrupt of what is no queue's. */
  private notify(): void {
    if (this.resources.format !== null) this.host.signal(this.resources.managementVector);
  }
}
