import type { Board, DmaGate } from '../core/board.ts';
import { Budget, type BudgetHost } from '../core/budget.ts';
import { checkBytes } from '../core/checks.ts';
import type { Clock } from '../core/clock.ts';
import type { GuestMemory } from '../core/memory.ts';
import type { NetBackend, NetPort } from '../net/backends/index.ts';
import type { Wire } from '../net/backends/wire.ts';
import { LONGEST_FRAME } from '../net/frame/headers.ts';
import { Blocks } from './blocks.ts';
import type { Card } from './card.ts';
import { LateCompletions } from './dqo/late-completions.ts';
import type { GvnicEvents } from './events.ts';
import { FlowRules } from './flow-rules.ts';
import { Pace } from './pace.ts';
import type { QueueSet } from './queue-set.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import { type GvnicSettings, isDqo } from './settings.ts';
import { Statistics } from './statistics.ts';
import { Steering } from './steering.ts';

/** Bytes of the longest packet of a DQO ring: those of a TSO context, and headers. */
const LONGEST_DQO = 0x3_ffff + 0xff;
const GIGABITS: number = 16_000;

/** The function that a card is behind. */
export interface CardHost {
  readonly gate: DmaGate;
  /** Sends a message of MSI-X. */
  signal(vector: number): void;
}

/** What Google's network card is in either form: queues, what they send and receive, and a link. */
export abstract class GvnicCore implements Card, NetPort, BudgetHost {
  readonly name: string;
  readonly board: Board;
  readonly settings: GvnicSettings;
  readonly gate: DmaGate;
  readonly budget: Budget;
  readonly blocks: Blocks;
  readonly sender: Sender;
  readonly steering: Steering;
  readonly flowRules: FlowRules;
  readonly statistics: Statistics;
  readonly receiver: Receiver;
  readonly late: LateCompletions | null;
  /** Null is at once. */
  readonly pace: Pace | null;
  abstract readonly queues: QueueSet;
  events: GvnicEvents | null = null;
  /** Mbit/s. */
  speed = GIGABITS;
  protected readonly host: CardHost;
  private readonly receivePath: string;

  /** @param blocks the most that a driver may set up. */
  constructor(name: string, board: Board, settings: GvnicSettings, host: CardHost, blocks: number) {
    this.name = name;
    this.receivePath = `${name}.receive`;
    this.board = board;
    this.settings = settings;
    this.host = host;
    this.gate = host.gate;
    this.budget = new Budget(this);
    this.pace = settings.pace && new Pace(this, settings.pace, settings.pairs, blocks);
    const { pace } = this;
    this.blocks = new Blocks(name, board.clock, blocks, (block) =>
      pace === null ? this.fire(block) : pace.fire(block),
    );
    const longest = settings.formats.some(isDqo) ? LONGEST_DQO : LONGEST_FRAME;
    this.sender = new Sender(board, this.budget, longest);
    this.steering = new Steering(board.memory);
    this.flowRules = new FlowRules(settings.pairs);
    this.statistics = new Statistics(this, settings.pairs, () => this.queues.receiving);
    this.receiver = new Receiver(this);
    this.late = settings.manners && new LateCompletions(this, settings.manners);
  }

  get memory(): GuestMemory {
    return this.board.memory;
  }

  get clock(): Clock {
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

  /** A driver gave it memory to take commands from. */
  abstract readonly isSetUp: boolean;

  /** The device wants to be reset: its driver is told. */
  abstract askForReset(): void;

  /** Takes back all that a driver set up. Address, link, MSI-X and PCI configuration stay. */
  reset(): void {
    this.queues.reset();
    this.steering.reset();
    this.flowRules.reset();
    this.statistics.stop();
    this.budget.reset();
    this.pace?.reset();
    this.receiver.reset();
    if (this.late !== null) this.late.knowsAlternate = false;
    this.events?.reset();
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
    this.linkChanged();
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

  holds(queue: number): boolean {
    return this.pace?.holds(queue) === true;
  }

  interrupt(block: number): void {
    this.fire(block);
  }

  /** Nothing of the card changed. */
  manage(): void {}

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

  protected abstract linkChanged(): void;

  abstract vectorOf(block: number): number;

  /** The interrupt of a block. */
  protected abstract fire(block: number): void;
}
