import type { Board, DmaGate, ResetKind } from '../core/board.ts';
import type { ClauseId } from '../core/clause.ts';
import type { Endian, Struct } from '../core/struct.ts';
import { type Bait, pickBaits } from './baits.ts';
import { Completions } from './completion/completions.ts';
import { AT_ONCE, type CompletionPolicy } from './completion/policy.ts';
import { featuresFit } from './feature-rules.ts';
import { type FeatureRule, FeatureSet } from './features.ts';
import { InitRules, type Watched } from './init-rules.ts';
import { PackedQueue } from './packed-queue.ts';
import { DEVICE_STATUS, FEATURE, LEGACY_ONLY } from './registers.ts';
import type { QueueHost, RingQueue } from './ring.ts';
import { SplitQueue } from './split-queue.ts';
import { answerTo, type Strictness } from './strictness.ts';
import { SwappedQueue } from './swapped-queue.ts';
import type { Virtqueue } from './virtqueue.ts';
import { type QueueMonitor, watched } from './watched-queue.ts';

const { DRIVER_OK, FEATURES_OK, DEVICE_NEEDS_RESET } = DEVICE_STATUS.mask;

/** What a transport does for the device behind it. */
export interface Transport {
  readonly legacy: boolean;
  /** `net0 (00:04.0)` */
  readonly subject: string;
  readonly gate: DmaGate;
  queueInterrupt(index: number): void;
  configInterrupt(): void;
}

export interface DeviceShape {
  /** Virtio device type: 1 net, 8 scsi. */
  readonly virtioId: number;
  readonly offered: Iterable<number>;
  /** One size a queue; powers of two up to 32768. */
  readonly queueSizes: readonly number[];
  /** Bytes of device configuration. */
  readonly configBytes: number;
  /** Its fields, if how wide each is accessed is to be judged. */
  readonly configFields?: Struct;
  /** Features that need others. */
  readonly rules: readonly FeatureRule<ClauseId>[];
  /** The guest's byte order, in which a legacy device speaks; default little-endian. */
  readonly endian?: Endian;
}

/**
 * What every virtio device is: features, status, queues, configuration. A device type says what a kick does; a
 * transport shows it to the guest, and no device type knows which.
 */
export abstract class VirtioDevice implements Watched, QueueHost {
  readonly name: string;
  readonly board: Board;
  readonly virtioId: number;
  /** What each interface offers: bits that only legacy drivers know are not on the modern one. */
  readonly offers: { readonly legacy: FeatureSet; readonly modern: FeatureSet };
  readonly accepted = new FeatureSet();
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
  protected transport: Transport | null = null;
  /** How completions reach the driver, if not at once. */
  private completions: Completions | null = null;
  private monitor: QueueMonitor | null = null;
  /** As the driver wrote them, those that were not offered included. */
  private readonly requested = new FeatureSet();
  /** A ring broke a rule, and the device serves none until it is reset. */
  private stopped = false;

  constructor(name: string, board: Board, shape: DeviceShape) {
    this.name = name;
    this.board = board;
    this.virtioId = shape.virtioId;
    const offered = [...shape.offered];
    this.offers = {
      legacy: FeatureSet.of(offered),
      modern: FeatureSet.of(offered.filter((bit) => !LEGACY_ONLY.includes(bit))),
    };
    this.endian = shape.endian ?? 'le';
    const Queue = this.Split;
    this.queues = shape.queueSizes.map((size, index) => new Queue(index, size, this));
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
    this.completions?.close();
    this.completions = new Completions(this, policy);
    this.makeQueues();
  }

  /** Gives back what the device holds of the clock and of the host. */
  close(): void {
    this.completions?.close();
  }

  /** Offers, by the seed, features that no driver may take. For a device that no driver has met yet. */
  offerBaits(): void {
    this.baits = pickBaits(this.board.random, this.virtioId);
    for (const { bit } of this.baits)
      for (const offer of [this.offers.legacy, this.offers.modern]) offer.add(bit);
  }

  connect(transport: Transport): void {
    this.transport = transport;
  }

  get legacy(): boolean {
    return this.transport?.legacy ?? true;
  }

  /** What the interface in use offers. */
  get offered(): FeatureSet {
    return this.legacy ? this.offers.legacy : this.offers.modern;
  }

  get subject(): string {
    return this.transport?.subject ?? this.name;
  }

  queueName(index: number): string {
    return `${this.name}, ${this.role(index)}`;
  }

  anyQueueReady(): boolean {
    return this.queues.some((queue) => queue.ready);
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
    if (fit) return;
    this.status &= ~FEATURES_OK;
    this.init.statusDropped(FEATURES_OK);
  }

  /** The driver accepted 32 features; those not offered are dropped. */
  acceptFeatures(word: number, value: number): void {
    if (!this.init.featuresAccepted(word, value)) return;
    this.requested.words[word] = value;
    this.accepted.words[word] = value & this.offered.words[word]!;
    this.useRings(this.accepted.has(FEATURE.RING_PACKED), this.accepted.has(FEATURE.IN_ORDER));
    this.eventIdx = this.accepted.has(FEATURE.EVENT_IDX);
    this.indirect = this.accepted.has(FEATURE.INDIRECT_DESC);
    this.notifyOnEmpty = this.accepted.has(FEATURE.NOTIFY_ON_EMPTY);
    this.negotiated();
  }

  get accessPlatform(): boolean {
    return this.accepted.has(FEATURE.ACCESS_PLATFORM);
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
    this.completions?.run();
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

  private useRings(packed: boolean, inOrder: boolean): void {
    if (packed === this.packed && inOrder === this.inOrder) return;
    this.packed = packed;
    this.inOrder = inOrder;
    this.makeQueues();
  }

  /** Tells `monitor` what passes through the queues. For a device that no driver has met yet. */
  watch(monitor: QueueMonitor): void {
    this.monitor = monitor;
    this.makeQueues();
  }

  private get Split(): typeof SplitQueue {
    return this.endian === 'le' ? SplitQueue : SwappedQueue;
  }

  /** IN_ORDER needs somebody to keep the order, whatever the device does. */
  private makeQueues(): void {
    const Queue = this.packed ? PackedQueue : this.Split;
    const by = this.completions ?? (this.inOrder ? new Completions(this, AT_ONCE) : null);
    const queues = this.queues as RingQueue[];
    for (const [i, { maximum }] of queues.entries())
      queues[i] = watched(by?.over(new Queue(i, maximum, by)) ?? new Queue(i, maximum, this), this.monitor);
  }

  reset(kind: ResetKind): void {
    this.status = 0;
    this.stopped = false;
    this.accepted.clear();
    this.requested.clear();
    this.useRings(false, false);
    this.eventIdx = this.indirect = this.notifyOnEmpty = false;
    for (const queue of this.queues) queue.reset();
    if (kind !== 'soft') this.init.powerOn();
    this.restart();
    this.negotiated();
  }
}
