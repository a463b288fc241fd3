import type { Board, DmaGate, ResetKind } from '../core/board.ts';
import type { ClauseId } from '../core/clause.ts';
import { type FeatureRule, FeatureSet } from './features.ts';
import { InitRules, type Watched } from './init-rules.ts';
import { FEATURE } from './registers.ts';
import type { QueueHost } from './ring.ts';
import { SplitQueue } from './split-queue.ts';
import type { Virtqueue } from './virtqueue.ts';

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
  /** Features that need others. */
  readonly rules: readonly FeatureRule<ClauseId>[];
}

/**
 * What every virtio device is: features, status, queues, configuration. A device type says what a kick does; a
 * transport shows it to the guest, and no device type knows which.
 */
export abstract class VirtioDevice implements Watched, QueueHost {
  readonly name: string;
  readonly board: Board;
  readonly virtioId: number;
  readonly offered: FeatureSet;
  readonly accepted = new FeatureSet();
  readonly queues: readonly SplitQueue[];
  readonly configBytes: number;
  readonly rules: readonly FeatureRule<ClauseId>[];
  readonly init: InitRules;
  status = 0;
  eventIdx = false;
  indirect = false;
  inOrder = false;
  notifyOnEmpty = false;
  protected transport: Transport | null = null;

  constructor(name: string, board: Board, shape: DeviceShape) {
    this.name = name;
    this.board = board;
    this.virtioId = shape.virtioId;
    this.offered = FeatureSet.of(shape.offered);
    this.queues = shape.queueSizes.map((size, index) => new SplitQueue(index, size, this));
    this.configBytes = shape.configBytes;
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

  connect(transport: Transport): void {
    this.transport = transport;
  }

  get legacy(): boolean {
    return this.transport?.legacy ?? true;
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

  /** A write to the status; 0 resets. */
  setStatus(value: number): void {
    if (value === 0) {
      this.reset('soft');
      this.init.resetWritten();
      return;
    }
    this.status = value;
    this.init.statusWritten(value);
  }

  /** The driver accepted 32 features; those not offered are dropped, as a legacy device cannot refuse. */
  acceptFeatures(word: number, value: number): void {
    this.init.featuresAccepted(word, value);
    this.accepted.words[word] = value & this.offered.words[word]!;
    this.eventIdx = this.accepted.has(FEATURE.EVENT_IDX);
    this.indirect = this.accepted.has(FEATURE.INDIRECT_DESC);
    this.inOrder = this.accepted.has(FEATURE.IN_ORDER);
    this.notifyOnEmpty = this.accepted.has(FEATURE.NOTIFY_ON_EMPTY);
    this.negotiated();
  }

  /** A write to the notification register. A legacy device serves a queue that is set up even before DRIVER_OK. */
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
    if (!this.canReachMemory) {
      journal.report(
        'pci/BUS-MASTER',
        this.subject,
        `${this.role(index)} was kicked while bus mastering was off`,
      );
      return;
    }
    if (queue.ready) this.kicked(queue);
  }

  queueInterrupt(index: number): void {
    this.transport?.queueInterrupt(index);
  }

  /** The device configuration changed by the device's own doing. */
  protected configChanged(): void {
    this.transport?.configInterrupt();
  }

  protected get canReachMemory(): boolean {
    return this.transport?.gate.open ?? false;
  }

  reset(kind: ResetKind): void {
    this.status = 0;
    this.accepted.clear();
    this.eventIdx = this.indirect = this.inOrder = this.notifyOnEmpty = false;
    for (const queue of this.queues) queue.reset();
    if (kind !== 'soft') this.init.powerOn();
    this.restart();
    this.negotiated();
  }
}
