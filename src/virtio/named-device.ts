import type { Transport } from './device-shape.ts';
import type { RingQueue } from './queue/ring.ts';

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
