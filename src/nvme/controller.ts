import type { Board, DmaGate } from '../core/board.ts';
import type { Budget } from '../core/budget.ts';
import type { Timer } from '../core/clock.ts';
import { AdminCommands, type AdminHost } from './admin-commands.ts';
import { AsyncEvents, EVENT_TYPE, IO_INFO, NOTICE_INFO } from './async-events.ts';
import type { NvmeEvents } from './events.ts';
import { Features } from './features.ts';
import { NAMESPACE_NOTICE } from './identify.ts';
import { IoCommands, type IoHost } from './io-commands.ts';
import { Notifications } from './log-pages.ts';
import type { Namespace } from './namespace.ts';
import { PrpWalk } from './prp.ts';
import { AQA, CC, CSTS, SHN, SHST } from './registers/bar0.ts';
import { FEATURE } from './registers/commands.ts';
import type { Reservations } from './reservations.ts';
import { Scheduler } from './scheduler.ts';
import type { SchedulerHost } from './scheduler-host.ts';
import type { NvmeSettings } from './settings.ts';

const { EN } = CC.mask;
const { RDY, CFS } = CSTS.mask;
/** CC must have 0 there: the NVM command set, pages of 4096 bytes. */
const SUPPORTED_ZERO = CC.mask.CSS | CC.mask.MPS;

/** The function that a controller is behind. */
interface NvmeHost {
  readonly gate: DmaGate;
  /** Messages of MSI-X, and whether they are in use. */
  readonly vectors: number;
  readonly canSignal: boolean;
  signal(vector: number): void;
  /** The level of its interrupt pin. */
  setInterrupt(level: boolean): void;
}

type Phase = 'off' | 'starting' | 'ready' | 'failed' | 'stopping';

/**
 * An NVMe controller: registers that start and stop it, an admin queue, and pairs of I/O queues that move the blocks of its
 * namespaces (NVM Express 1.4).
 *
 * @example
 * const controller = new NvmeController('nvme0', board, settings, host);
 * controller.attach(new Namespace(1, medium, { blockSize: 512, vendorText: '', nguid: '' }));
 * controller.configure(CC.encode({ EN: 1, IOSQES: 6, IOCQES: 4 }));
 * controller.queues.ringSubmission(0, 1);  // a command in the admin queue, once it is ready
 * controller.close();
 */
export class NvmeController implements AdminHost, IoHost, SchedulerHost {
  readonly name: string;
  readonly board: Board;
  readonly settings: NvmeSettings;
  readonly features: Features;
  readonly asyncEvents = new AsyncEvents();
  readonly walk: PrpWalk;
  readonly queues: Scheduler;
  readonly counts = { reads: 0, writes: 0, read: 0, written: 0 };
  readonly namespaces: (Namespace | null)[];
  readonly changed = new Set<number>();
  readonly notifications = new Notifications();
  /** Registers, as they are read. */
  cc = 0;
  aqa = 0;
  asq = 0;
  acq = 0;
  interruptMask = 0;
  private phase: Phase = 'off';
  private shutdown: number = SHST.NORMAL;
  /** EN is set while the controller still stops. */
  private startsAgain = false;
  private failsNext = false;
  private readonly host: NvmeHost;
  private readonly io: IoCommands;
  private readonly timer: Timer;
  private readonly shutdownTimer: Timer;
  private watch: NvmeEvents | null = null;

  constructor(name: string, board: Board, settings: NvmeSettings, host: NvmeHost) {
    this.name = name;
    this.board = board;
    this.settings = settings;
    this.host = host;
    this.walk = new PrpWalk(board.memory);
    this.features = new Features(this);
    this.namespaces = new Array<Namespace | null>(settings.namespacesMost + 1).fill(null);
    this.io = new IoCommands(this);
    this.queues = new Scheduler(this, new AdminCommands(this), this.io);
    this.timer = board.clock.timer(`${name} state`, () => this.settle());
    this.shutdownTimer = board.clock.timer(`${name} shutdown`, () => this.shutDown());
  }

  get events(): NvmeEvents | null {
    return this.watch;
  }

  set events(events: NvmeEvents | null) {
    this.watch = events;
    this.walk.events = events;
  }

  get budget(): Budget {
    return this.queues.budget;
  }

  get csts(): number {
    const isReady = this.phase === 'ready' || this.phase === 'stopping';
    const failed = this.phase === 'failed' ? CFS : 0;
    return (isReady ? RDY : 0) | failed | (this.shutdown << CSTS.shift.SHST);
  }

  get runs(): boolean {
    return this.phase === 'ready' && this.shutdown === SHST.NORMAL;
  }

  /** By weight, and not each in turn. */
  get isWeighted(): boolean {
    return (this.cc & CC.mask.AMS) !== 0;
  }

  get hostId(): bigint {
    return this.features.hostId;
  }

  get vectors(): number {
    return this.host.vectors;
  }

  get canSignal(): boolean {
    return this.host.canSignal;
  }

  get canReachMemory(): boolean {
    return this.host.gate.open;
  }

  /** A driver wrote CC. */
  configure(value: number): void {
    const before = this.cc;
    this.cc = value & CC.writable;
    if ((value & EN) !== 0 && (before & EN) === 0) this.enable();
    else if ((value & EN) === 0 && (before & EN) !== 0) this.disable();
    const how = (this.cc & CC.mask.SHN) >>> CC.shift.SHN;
    if (how === SHN.NONE || this.shutdown !== SHST.NORMAL) return;
    this.shutdown = SHST.OCCURRING;
    this.budget.reset();
    this.shutdownTimer.arm(this.settings.times.shutdown);
  }

  /** INTMS and INTMC: the mask of interrupts that are no messages. */
  mask(value: number): void {
    this.interruptMask = value >>> 0;
    this.queues.drivePin();
  }

  attach(namespace: Namespace): void {
    this.namespaces[namespace.id] = namespace;
    this.namespaceChanged(namespace.id);
  }

  /** Commands to it fail from now on. */
  detach(namespace: Namespace): void {
    this.namespaces[namespace.id] = null;
    this.namespaceChanged(namespace.id);
  }

  /** It came, went, or has another size: a driver that asked for it is told. */
  namespaceChanged(id: number): void {
    this.changed.add(id);
    if ((this.features.current(FEATURE.ASYNC_EVENT) & NAMESPACE_NOTICE) === 0) return;
    this.asyncEvents.raise(EVENT_TYPE.NOTICE, NOTICE_INFO.NAMESPACE_CHANGED);
    this.queues.tellEvents();
  }

  /** By another host: each namespace on that medium is told of, unless its driver wants to hear nothing of it. */
  reservationChanged(reservations: Reservations, type: number): void {
    for (const namespace of this.namespaces)
      if (namespace !== null && namespace.reservations === reservations)
        if (!this.features.hides(type, namespace.id)) this.notifications.add(type, namespace.id);
    if (this.notifications.isEmpty) return;
    this.asyncEvents.raise(EVENT_TYPE.IO, IO_INFO.RESERVATION_LOG);
    this.queues.tellEvents();
  }

  flushAll(): boolean {
    return this.io.flushAll();
  }

  signal(vector: number): void {
    this.host.signal(vector);
  }

  setInterrupt(level: boolean): void {
    this.host.setInterrupt(level);
  }

  /** It stops until it is reset: CSTS.CFS. One that is off fails where it is started next. */
  fail(): void {
    this.failsNext = this.phase === 'off' || this.phase === 'stopping';
    if (this.failsNext) return;
    this.forget();
    this.timer.disarm();
    this.phase = 'failed';
  }

  goOn(queue: number): void {
    this.queues.goOn(queue);
  }

  resume(): void {
    this.queues.resume();
  }

  /** By the platform: all is as at power-on. */
  reset(): void {
    this.forget();
    this.phase = 'off';
    this.shutdown = SHST.NORMAL;
    this.startsAgain = this.failsNext = false;
    this.cc = this.aqa = this.asq = this.acq = this.interruptMask = 0;
    this.changed.clear();
    this.timer.disarm();
    this.shutdownTimer.disarm();
    this.events?.reset();
  }

  close(): void {
    this.budget.close();
    this.queues.pace.close();
    this.board.clock.remove(this.timer);
    this.board.clock.remove(this.shutdownTimer);
  }

  private enable(): void {
    if (this.phase === 'stopping') this.startsAgain = true;
    else this.start();
  }

  private start(): void {
    this.phase = 'starting';
    // One that was asked for while it was off.
    this.shutdown = SHST.NORMAL;
    this.shutdownTimer.disarm();
    this.timer.arm(this.settings.times.enable);
  }

  /** A controller reset: AQA, ASQ and ACQ keep their values. */
  private disable(): void {
    this.forget();
    this.cc = 0;
    this.interruptMask = 0;
    this.startsAgain = false;
    this.shutdown = SHST.NORMAL;
    this.timer.disarm();
    this.shutdownTimer.disarm();
    this.events?.stopped();
    if (this.phase !== 'ready') this.phase = 'off';
    else {
      this.phase = 'stopping';
      this.timer.arm(this.settings.times.disable);
    }
  }

  /** What was begun is done. */
  private settle(): void {
    if (this.phase === 'starting') this.becomeReady();
    else {
      this.phase = 'off';
      if (this.startsAgain) this.start();
      this.startsAgain = false;
    }
  }

  private becomeReady(): void {
    const { ASQS, ACQS } = AQA.decode(this.aqa);
    const isFair = CC.decode(this.cc).AMS <= (this.settings.offers.weighted ? 1 : 0);
    const isRight = ASQS > 0 && ACQS > 0 && (this.cc & SUPPORTED_ZERO) === 0 && isFair;
    const isSound = isRight && !this.failsNext;
    this.failsNext = false;
    this.events?.started(isSound);
    this.phase = isSound ? 'ready' : 'failed';
    if (isSound)
      this.queues.start({ address: this.asq, size: ASQS + 1 }, { address: this.acq, size: ACQS + 1 });
  }

  private shutDown(): void {
    this.flushAll();
    this.shutdown = SHST.COMPLETE;
    this.events?.stopped();
  }

  private forget(): void {
    this.queues.forget();
    this.features.reset();
    this.asyncEvents.reset();
    this.notifications.clear();
  }
}
