import { BitSet } from '../core/bit-set.ts';
import type { Board, ResetKind } from '../core/board.ts';
import { Budget, type BudgetHost } from '../core/budget.ts';
import type { Endian, Struct } from '../core/struct.ts';
import { allQueueSizes, type DeviceShape, NamedDevice, type Notices } from './device-shape.ts';
import type { VirtioEvents } from './events.ts';
import { answerTo, type Fault, statusFaults } from './faults/strictness.ts';
import { agreementFaults, type Dependency } from './features/agreement.ts';
import { Offers, pickUndefinedFeatures } from './features/offers.ts';
import { Suspension, type SuspensionHost } from './features/suspension.ts';
import { type Manners, PLAIN } from './manners.ts';
import { DeviceQueues } from './queue/device-queues.ts';
import type { QueueEvents } from './queue/events.ts';
import type { QueueHost, RingQueue } from './queue/ring.ts';
import type { Virtqueue } from './queue/virtqueue.ts';
import { DEVICE_STATUS, FEATURE } from './registers.ts';

const { DRIVER, DRIVER_OK, FEATURES_OK, DEVICE_NEEDS_RESET } = DEVICE_STATUS.mask;

/**
 * The common part of virtio devices: features, status, queues, configuration. A device type defines the effect of a
 * kick; a transport presents the device to the guest, and device types do not depend on it.
 */
export abstract class VirtioDevice<Events extends VirtioEvents = VirtioEvents>
  extends NamedDevice
  implements QueueHost, BudgetHost, SuspensionHost
{
  readonly board: Board;
  readonly virtioId: number;
  readonly offers: Offers;
  readonly accepted = new BitSet();
  /** Features as the driver wrote them, including those that were not offered. */
  readonly requested = new BitSet();
  readonly queues: readonly RingQueue[];
  readonly numQueues: number;
  /** The index of the administration virtqueue, if the device type has one. */
  readonly adminQueue: number | null;
  readonly configBytes: number;
  readonly configFields: Struct | null;
  readonly dependencies: readonly Dependency[];
  /** The byte order of rings, configuration and requests. */
  readonly endian: Endian;
  readonly manners: Manners;
  status = 0;
  /** Counts changes of the device configuration, modulo 256. */
  generation = 0;
  packed = false;
  eventIdx = false;
  indirect = false;
  inOrder = false;
  notifyOnEmpty = false;
  /** The watcher of the driver; null for none. */
  events: Events | null = null;
  /** Called after each read of the configuration. */
  onConfigRead: ((offset: number, width: number) => void) | null = null;
  readonly suspension: Suspension;
  /** The device's budget of work at one point of time. */
  readonly budget: Budget;
  protected notices: Notices | null = null;
  private readonly rings: DeviceQueues;
  private monitor: QueueEvents | null = null;
  /** A ring broke a rule, and the device serves no queue until it is reset. */
  private stopped = false;
  /** The device cleared FEATURES_OK, and the driver has not set it again. */
  private refused = false;

  constructor(name: string, board: Board, shape: DeviceShape) {
    super(name);
    this.board = board;
    this.virtioId = shape.virtioId;
    this.offers = new Offers(shape.offered);
    this.manners = shape.manners ?? PLAIN;
    this.endian = this.manners.endian;
    if (this.manners.reservedFeatures)
      for (const bit of pickUndefinedFeatures(board.random, this.virtioId)) this.offers.add(bit);
    this.budget = new Budget(this);
    this.suspension = new Suspension(this, this.manners.suspend);
    this.numQueues = shape.queueSizes.length;
    this.rings = new DeviceQueues(this, allQueueSizes(shape), this.manners);
    this.queues = this.rings.list;
    this.adminQueue = shape.adminQueueSize === undefined ? null : this.queues.length - 1;
    this.configBytes = shape.configBytes;
    this.configFields = shape.configFields ?? null;
    this.dependencies = shape.dependencies;
  }

  /** The guest kicked a queue that is set up, or the queue is continued: serve it up to the budget. */
  protected abstract kicked(queue: Virtqueue): void;
  abstract readConfig(offset: number): number;
  abstract writeConfig(offset: number, value: number): void;
  /** The accepted features changed. */
  protected negotiated(): void {}
  /** Resets the device to its initial state. */
  protected abstract restart(): void;
  /** A queue was reset alone: chains taken from it must not be returned. */
  protected queueForgotten(_index: number): void {}

  /** Reports to `monitor` what passes through the queues. For a device that no driver has used yet. */
  watch(monitor: QueueEvents): void {
    this.monitor = monitor;
    this.watchRings();
  }

  /** Reports to `events` all that the driver does from now on. For a device that no driver has used yet. */
  watchedBy(events: Events | null): void {
    this.events = events;
    this.watchRings();
  }

  /** Releases the device's timers and host resources. */
  close(): void {
    this.rings.close();
    this.budget.close();
    this.suspension.close();
  }

  /** A write to the status; 0 resets. */
  setStatus(written: number): void {
    if (written === 0) {
      this.reset('soft');
      return;
    }
    if (this.suspension.takes(written)) {
      this.events?.statusChanged(this.status, 0);
      return;
    }
    const value = this.suspension.allowed(written);
    const { status: before, refused } = this;
    const goesAlong = (fault: Fault) => this.goesAlong(fault);
    const lost = !statusFaults({ before, value, refused }).every(goesAlong);
    const agrees =
      this.legacy || (value & ~before & FEATURES_OK) === 0 || agreementFaults(this).every(goesAlong);
    if (!lost) {
      const own = this.legacy ? 0 : DEVICE_NEEDS_RESET;
      this.status = (value & ~own) | (before & own);
      this.refused = !agrees;
      if (!agrees) this.status &= ~FEATURES_OK;
    }
    this.events?.statusChanged(this.status, lost || agrees ? 0 : FEATURES_OK);
  }

  /** The driver accepted 32 features; those not offered are dropped. */
  acceptFeatures(word: number, value: number): void {
    const { status } = this;
    if ((status & DRIVER) === 0 && !this.goesAlong('features before DRIVER')) return;
    if ((status & DRIVER_OK) !== 0 && !this.goesAlong('features after DRIVER_OK')) return;
    this.requested.words[word] = value;
    this.accepted.words[word] = value & this.offered.words[word]!;
    this.takeUpRingFeatures();
    this.rings.negotiated(this.packed, this.inOrder);
    this.negotiated();
    this.events?.negotiated(this.accepted, this.legacy);
  }

  /** Whether a queue may be configured now. */
  takesQueue(): boolean {
    return (this.status & (DRIVER | DRIVER_OK)) === DRIVER || this.goesAlong('queue set up out of turn');
  }

  /** A kick. A lenient device serves a queue even before DRIVER_OK, if it is set up. */
  notify(index: number): void {
    this.events?.kicked(index, this.gate.open);
    this.notices?.kicked(index);
    const queue = this.queues[index];
    if (!queue?.ready || !this.consumes || this.budget.waits(index)) return;
    const { notice = 0, hush = false } = this.manners.completion ?? {};
    if (notice > 0) {
      if (hush) queue.hush();
      this.budget.postpone(index, notice);
      return;
    }
    this.budget.renew();
    this.serve(queue);
    this.budget.wake();
  }

  /** A queue that waited for the budget is continued. */
  goOn(index: number): void {
    const queue = this.queues[index]!;
    if (!queue.ready || !this.live || this.budget.waits(index)) return;
    if (this.consumes) this.serve(queue);
    else this.finish();
  }

  /** The device's writes are visible to the CPUs. */
  resume(): void {
    this.budget.takeTurns();
  }

  queueInterrupt(index: number): void {
    if (this.notices === null) this.transport?.interrupts.queue(index);
    else this.notices.interrupt(index);
  }

  configInterrupt(): void {
    this.transport?.interrupts.config();
  }

  /** Stops a ring, or the whole device. */
  ringStopped(): void {
    if (answerTo('ring', this.legacy, this.strictness) === 'device stops') this.breakDown();
  }

  /** The device serves nothing until it is reset; a modern one sets DEVICE_NEEDS_RESET. */
  breakDown(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.events?.brokeDown();
    if (this.legacy) return;
    this.status |= DEVICE_NEEDS_RESET;
    if ((this.status & DRIVER_OK) !== 0) this.transport?.interrupts.config();
  }

  /** RING_RESET: one queue returns to its initial state. */
  resetQueue(index: number): void {
    this.queues[index]?.reset();
    this.budget.forget(index);
    this.queueForgotten(index);
  }

  reset(kind: ResetKind): void {
    this.status = 0;
    this.stopped = this.refused = false;
    this.suspension.reset();
    this.accepted.clear();
    this.requested.clear();
    this.takeUpRingFeatures();
    this.rings.reset();
    this.budget.reset();
    this.events?.reset(kind !== 'soft');
    this.restart();
    this.negotiated();
    this.events?.negotiated(this.accepted, this.legacy);
  }

  /** The device itself changed its configuration; `tell` if the guest asked for that. @returns whether it is notified. */
  protected configChanged(tell = true): boolean {
    this.generation = (this.generation + 1) & 0xff;
    return tell && !this.suspension.keeps() && this.transport?.interrupts.config() === true;
  }

  suspensionChanged(): void {
    if (this.suspension.asleep) return;
    // Frames that came meanwhile are processed now.
    if (this.suspension.tells()) this.configChanged();
    this.budget.begin();
    for (const queue of this.queues) if (queue.ready && this.canReachMemory) this.serve(queue);
    this.budget.wake();
  }

  /** Whether all taken chains were used and published. */
  get isIdle(): boolean {
    return !this.isAtWork && this.rings.isIdle;
  }

  /** Whether it takes buffers: not while it is being suspended. */
  protected get consumes(): boolean {
    return this.gate.open && !this.suspension.settling && this.live;
  }

  /** Whether it still works on taken buffers. */
  protected get isAtWork(): boolean {
    return false;
  }

  /** Goes on with these, and takes no others. */
  protected finish(): void {}

  get canReachMemory(): boolean {
    return this.gate.open && this.live;
  }

  /** Whether buffers may be used: a strict device waits for DRIVER_OK, and a stopped one serves none. */
  private get live(): boolean {
    if (this.stopped || this.suspension.asleep) return false;
    return (this.status & DRIVER_OK) !== 0 || this.goesAlong('kick before DRIVER_OK');
  }

  /** A queue's work beyond the budget is done later; a driver may offer more meanwhile without a kick. */
  private serve(queue: RingQueue): void {
    this.kicked(queue);
    if (this.budget.left <= 0) this.budget.postpone(queue.index);
    this.rings.completions?.run();
  }

  private watchRings(): void {
    this.rings.watch(this.events?.rings ?? [], this.monitor);
  }

  /** Rings read these for every chain. */
  private takeUpRingFeatures(): void {
    const { accepted } = this;
    this.packed = accepted.has(FEATURE.RING_PACKED);
    this.inOrder = accepted.has(FEATURE.IN_ORDER);
    this.eventIdx = accepted.has(FEATURE.EVENT_IDX);
    this.indirect = accepted.has(FEATURE.INDIRECT_DESC);
    this.notifyOnEmpty = accepted.has(FEATURE.NOTIFY_ON_EMPTY);
  }
}
