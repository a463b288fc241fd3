import type { DmaGate } from '../core/board.ts';
import type { Struct } from '../core/struct.ts';
import type { Dependency } from './features/agreement.ts';
import type { Manners } from './manners.ts';
import type { RingQueue } from './queue/ring.ts';

/** What a transport does for the device behind it. */
export interface Transport {
  readonly legacy: boolean;
  /** `net0 (00:04.0)` */
  readonly subject: string;
  readonly gate: DmaGate;
  queueInterrupt(index: number): void;
  /** @returns false where the driver did not see to it that it hears of it. */
  configInterrupt(): boolean;
}

/** What a device type says of itself. */
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
  readonly dependencies: readonly Dependency[];
  /** Default plain. */
  readonly manners?: Manners | undefined;
}

/** What a virtio device and its queues are called, whoever speaks of them. */
export abstract class NamedDevice {
  readonly name: string;
  /** Split until RING_PACKED is accepted, and again after a reset: ask for a queue when it is used. */
  abstract readonly queues: readonly RingQueue[];
  protected transport: Transport | null = null;

  constructor(name: string) {
    this.name = name;
  }

  /** `transmit queue 1` */
  abstract role(index: number): string;

  get subject(): string {
    return this.transport?.subject ?? this.name;
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
