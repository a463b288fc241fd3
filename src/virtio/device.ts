import { BitSet } from '../core/bit-set.ts';
import type { Board, ResetKind } from '../core/board.ts';
import type { ClauseId } from '../core/clause.ts';
import type { Endian, Struct } from '../core/struct.ts';
import type { CompletionPolicy } from './completion/policy.ts';
import type { DeviceShape, Transport } from './device-shape.ts';
import type { VirtioEvents } from './events.ts';
import { type Bait, pickBaits } from './features/baits.ts';
import { featuresFit } from './features/feature-rules.ts';
import { type FeatureRule, Offers } from './features/offers.ts';
import { InitRules, type Watched } from './init-rules.ts';
import { bothQueueEvents } from './queue/both-queue-events.ts';
import { DeviceQueues } from './queue/device-queues.ts';
import type { QueueEvents } from './queue/events.ts';
import type { QueueHost, RingQueue } from './queue/ring.ts';
import type { Virtqueue } from './queue/virtqueue.ts';
import { DEVICE_STATUS, FEATURE } from './registers.ts';
import { answerTo, type Strictness } from './strictness.ts';

const { DRIVER_OK, FEATURES_OK, DEVICE_NEEDS_RESET } = DEVICE_STATUS.mask;

/**
 * What every virtio device is: features, status, queues, configuration. A device type says what a kick does; a
 * transport shows it to the guest, and no device type knows which.
 */
export abstract class VirtioDevice<Events extends VirtioEvents = VirtioEvents> implements Watched, QueueHost {
  readonly name: string;
  readonly board: Board;
  readonly virtioId: number;
  readonly offers: Offers;
  readonly accepted = new BitSet();
  /** Split until RING_PACKED is accepted, and again after a reset: ask for a queue when it is used. */
  readonly queues: readonly RingQueue[];
  readonly configBytes: number;
  readonly configFields: Struct | null;
  readonly rules: readonly FeatureRule<ClauseId>[];
  readonly init: InitRules;
  /** The byte order of rings, configuration and requests. */
  readonly endian: Endian;
  /** What it does about a driver that breaks a rule; what it records is the same. */
  strictness: Strictness = 'lenient';
  baits: readonly Bait[] = [];
  status = 0;
  /** Counts changes of the device configuration, modulo 256. */
  generation = 0;
  packed = false;
  eventIdx = false;
  indirect = false;
  inOrder = false;
  notifyOnEmpty = false;
  /** Who watches the driver; null is nobody. */
  events: Events | null = null;
  protected transport: Transport | null = null;
  private readonly rings: DeviceQueues;
  private monitor: QueueEvents | null = null;
  /** As the driver wrote them, those that were not offered included. */
  private readonly requested = new BitSet();
  /** A ring broke a rule, and the device serves none until it is reset. */
  private stopped = false;

  constructor(name: string, board: Board, shape: DeviceShape) {
    this.name = name;
    this.board = board;
    this.virtioId = shape.virtioId;
    this.offers = new Offers(shape.offered);
    this.endian = shape.endian ?? 'le';
    this.rings = new DeviceQueues(this, shape.queueSizes, this.endian);
    this.queues = this.rings.list;
    this.configBytes = shape.configBytes;
    this.configFields = shape.configFields ?? null;
    this.rules = shape.rules;
    this.init = new InitRules(board.journal, this);
  }

  /** The guest kicked a queue that is set up. */
  protected abstract kicked(queue: Virtqueue): void;
  /** `transmit queue 1` */
  protected abstract role(index: number): string;
  abstract readConfig(offset: number): number;
  abstract writeConfig(offset: number, value: number): void;
  /** The accepted features changed. */
  protected negotiated(): void {}
  /** Back to what the device does before a driver comes. */
  protected abstract restart(): void;
  /** A queue was reset by itself: what was taken from it is not to be given back. */
  protected queueForgotten(_index: number): void {}

  /** From now on completions go by `policy`. For a device that no driver has met yet. */
  completeBy(policy: CompletionPolicy): void {
    this.rings.completeBy(policy);
  }

  /** Tells `monitor` what passes through the queues. For a device that no driver has met yet. */
  watch(monitor: QueueEvents): void {
    this.monitor = monitor;
    this.rings.watch(bothQueueEvents(this.events, monitor));
  }

  /** Tells `events` of all that the driver does from now on. For a device that no driver has met yet. */
  watchedBy(events: Events | null): void {
    this.events = events;
    this.rings.watch(bothQueueEvents(events, this.monitor));
  }

  /** Gives back what the device holds of the clock and of the host. */
  close(): void {
    this.rings.close();
  }

  /** Offers, by the seed, features that no driver may take. For a device that no driver has met yet. */
  offerBaits(): void {
    this.baits = pickBaits(this.board.random, this.virtioId);
    for (const { bit } of this.baits) this.offers.add(bit);
  }

  connect(transport: Transport): void {
    this.transport = transport;
  }

  get legacy(): boolean {
    return this.transport?.legacy ?? true;
  }

  /** What the interface in use offers. */
  get offered(): BitSet {
    return this.legacy ? this.offers.legacy : this.offers.modern;
  }

  get subject(): string {
    return this.transport?.subject ?? this.name;
  }

  queueName(index: number): string {
    return `${this.name}, ${this.role(index)}`;
  }

  anyQueueReady(): boolean {
    return this.rings.anyReady;
  }

  /** A write to the status; 0 resets. With `lost` it is judged, and changes nothing. */
  setStatus(value: number, lost = false): void {
    if (value === 0) {
      this.reset('soft');
      this.init.resetWritten();
      return;
    }
    const before = this.status;
    const own = this.legacy ? 0 : DEVICE_NEEDS_RESET;
    const goesAlong = this.init.statusWritten(value);
    const fit = this.legacy || (value & ~before & FEATURES_OK) === 0 || featuresFit(this, this.requested);
    if (lost || !goesAlong) return;
    this.status = (value & ~own) | (before & own);
    this.events?.statusChanged(fit ? this.status : this.status & ~FEATURES_OK, fit ? 0 : FEATURES_OK);
    if (fit) return;
    this.status &= ~FEATURES_OK;
    this.init.statusDropped(FEATURES_OK);
  }

  /** The driver accepted 32 features; those not offered are dropped. */
  acceptFeatures(word: number, value: number): void {
    if (!this.init.featuresAccepted(word, value)) return;
    this.requested.words[word] = value;
    this.accepted.words[word] = value & this.offered.words[word]!;
    this.takeUpRingFeatures();
    this.rings.negotiated(this.packed, this.inOrder);
    this.negotiated();
    this.events?.negotiated(this.accepted, this.legacy);
  }

  /** A kick. A lenient device serves a queue that is set up even before DRIVER_OK. */
  notify(index: number): void {
    this.init.notified(index);
    const { journal } = this.board;
    const queue = this.queues[index];
    journal.met('virtio/PCI-KICK-D3');
    if (queue === undefined || queue.size === 0) {
      journal.report(
        'virtio/PCI-KICK-D3',
        this.subject,
        `queue ${index} was kicked; there are ${this.queues.length}`,
      );
      return;
    }
    journal.met('pci/BUS-MASTER');
    if (!this.gateOpen) {
      journal.report(
        'pci/BUS-MASTER',
        this.subject,
        `${this.role(index)} was kicked while bus mastering was off`,
      );
      return;
    }
    if (!queue.ready || !this.live) return;
    this.kicked(queue);
    this.rings.complete();
  }

  queueInterrupt(index: number): void {
    this.transport?.queueInterrupt(index);
  }

  /** A ring just stops, or all of the device does; a modern one says that it cannot go on. */
  ringStopped(): void {
    if (this.stopped || answerTo('ring', this.legacy, this.strictness) !== 'device stops') return;
    this.stopped = true;
    if (this.legacy) return;
    this.status |= DEVICE_NEEDS_RESET;
    if ((this.status & DRIVER_OK) !== 0) this.transport?.configInterrupt();
  }

  /** RING_RESET: one queue goes back to what it was before a driver came. */
  resetQueue(index: number): void {
    this.queues[index]?.reset();
    this.queueForgotten(index);
  }

  /** The device configuration changed by the device's own doing; `tell` if the guest asked to be told. */
  protected configChanged(tell = true): void {
    this.generation = (this.generation + 1) & 0xff;
    if (tell) this.transport?.configInterrupt();
  }

  get canReachMemory(): boolean {
    return this.gateOpen && this.live;
  }

  private get gateOpen(): boolean {
    return this.transport?.gate.open ?? false;
  }

  /** Whether buffers may be used: a strict device waits for DRIVER_OK, and none goes on where it stopped. */
  private get live(): boolean {
    if (this.stopped) return false;
    return (this.status & DRIVER_OK) !== 0 || this.init.goesAlong('virtio/INIT-D13');
  }

  /** Rings look at these for every chain. */
  private takeUpRingFeatures(): void {
    const { accepted } = this;
    this.packed = accepted.has(FEATURE.RING_PACKED);
    this.inOrder = accepted.has(FEATURE.IN_ORDER);
    this.eventIdx = accepted.has(FEATURE.EVENT_IDX);
    this.indirect = accepted.has(FEATURE.INDIRECT_DESC);
    this.notifyOnEmpty = accepted.has(FEATURE.NOTIFY_ON_EMPTY);
  }

  reset(kind: ResetKind): void {
    this.status = 0;
    this.stopped = false;
    this.accepted.clear();
    this.requested.clear();
    this.takeUpRingFeatures();
    this.rings.reset();
    if (kind === 'soft') this.events?.reset();
    else {
      this.init.powerOn();
      this.events?.power();
    }
    this.restart();
    this.negotiated();
    this.events?.negotiated(this.accepted, this.legacy);
  }
}
