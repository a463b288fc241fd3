import type { BitSet } from '../core/bit-set.ts';
import type { DmaGate } from '../core/board.ts';
import type { Struct } from '../core/struct.ts';
import { type Fault, goesAlong, type Strictness } from './faults/strictness.ts';
import type { Dependency } from './features/agreement.ts';
import type { Offers } from './features/offers.ts';
import type { Manners } from './manners.ts';
import type { RingQueue } from './queue/ring.ts';
import { FEATURE } from './registers.ts';

/** Services of the transport for its device. */
export interface Transport {
  readonly legacy: boolean;
  /** `net0 (00:04.0)` */
  readonly subject: string;
  readonly gate: DmaGate;
  readonly interrupts: {
    queue(index: number): void;
    /** @returns false if the driver did not enable notification. */
    config(): boolean;
  };
}

/** What a device type has to do with kicks, and with interrupts, which it then sends itself. */
export interface Notices {
  kicked(queue: number): void;
  interrupt(queue: number): void;
}

/** Static description of a device type. */
export interface DeviceShape {
  /** Virtio device type: 1 net, 8 scsi. */
  readonly virtioId: number;
  readonly offered: Iterable<number>;
  /** One size a queue; powers of two up to 32768. */
  readonly queueSizes: readonly number[];
  /** Entries of the administration virtqueue that exists with ADMIN_VQ; omitted if there is none. */
  readonly adminQueueSize?: number | undefined;
  /** Bytes of device configuration. */
  readonly configBytes: number;
  /** Its fields, if access widths are to be judged. */
  readonly configFields?: Struct;
  /** Features that depend on others. */
  readonly dependencies: readonly Dependency[];
  /** Default plain. */
  readonly manners?: Manners | undefined;
}

/** Gap between the queues that num_queues counts and the administration queue: a driver with a wrong index finds none. */
const GAP = 1;

/** The sizes of all queues of a device, by index; 0 for none. */
export function allQueueSizes({ queueSizes, adminQueueSize }: DeviceShape): readonly number[] {
  if (adminQueueSize === undefined) return queueSizes;
  return [...queueSizes, ...new Array<number>(GAP).fill(0), adminQueueSize];
}

/** Names of a virtio device and its queues, used everywhere, and what it shows on each interface. */
export abstract class NamedDevice {
  readonly name: string;
  /** Split until RING_PACKED is accepted, and again after a reset: look a queue up when it is used. */
  abstract readonly queues: readonly RingQueue[];
  /** The number of queues in num_queues. */
  abstract readonly numQueues: number;
  abstract readonly offers: Offers;
  abstract readonly accepted: BitSet;
  abstract readonly manners: Manners;
  protected transport: Transport | null = null;
  /** Its access to memory. */
  protected gate: DmaGate = { open: false };

  constructor(name: string) {
    this.name = name;
  }

  connect(transport: Transport): void {
    this.transport = transport;
    this.gate = transport.gate;
  }

  /** `transmit queue 1` */
  abstract role(index: number): string;

  get subject(): string {
    return this.transport?.subject ?? this.name;
  }

  get strictness(): Strictness {
    return this.manners.strictness;
  }

  get legacy(): boolean {
    return this.transport?.legacy ?? true;
  }

  /** The features offered on the interface in use. */
  get offered(): BitSet {
    return this.legacy ? this.offers.legacy : this.offers.modern;
  }

  /** Whether the device tolerates a fault. */
  goesAlong(fault: Fault): boolean {
    return goesAlong(fault, this.legacy, this.strictness);
  }

  /** Queue `index` as the driver sees it: the administration virtqueue exists only with ADMIN_VQ accepted. */
  queueAt(index: number): RingQueue | undefined {
    return index < this.numQueues || this.accepted.has(FEATURE.ADMIN_VQ) ? this.queues[index] : undefined;
  }

  /** `transmit queue 1 (queue 1)`: by its role and by its index, everywhere. */
  queueTitle(index: number): string {
    const plain = `queue ${index}`;
    const exists = (this.queues[index]?.maximum ?? 0) > 0;
    const role = exists ? this.role(index) : plain;
    return role === plain ? plain : `${role} (${plain})`;
  }

  queueName(index: number): string {
    return `${this.name}, ${this.queueTitle(index)}`;
  }
}
