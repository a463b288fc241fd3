import type { Board } from '../../core/board.ts';
import { VirtioDevice } from '../device.ts';
import type { DeviceShape } from '../device-shape.ts';
import type { Virtqueue } from '../queue/virtqueue.ts';
import { DEVICE_STATUS, FEATURE } from '../registers.ts';
import { CommandState } from './commands/state.ts';
import type { NetEvents } from './events.ts';
import { type ModeratedHost, Moderation } from './features/coalescing.ts';
import { QueueCounts, RX_COUNT } from './features/statistics.ts';
import type { QueueKind } from './registers/statistics.ts';
import { NET_FEATURE as F } from './registers.ts';

const { DRIVER_OK } = DEVICE_STATUS.mask;

/** The queues of a network card: their kinds, counters, and moderated interrupts. */
export abstract class NetQueues extends VirtioDevice<NetEvents> implements ModeratedHost {
  readonly pairs: number;
  readonly asked = new CommandState();
  readonly counts: readonly QueueCounts[];
  readonly moderation: Moderation;

  constructor(name: string, board: Board, pairs: number, shape: DeviceShape) {
    super(name, board, shape);
    this.pairs = pairs;
    this.counts = this.queues.map(() => new QueueCounts());
    this.moderation = new Moderation(this, board.clock, this.queues.length);
  }

  get queueCount(): number {
    return this.numQueues;
  }

  /** The kind of a queue, if it is set up. */
  kindOf(index: number): QueueKind | null {
    if (index >= this.numQueues || !this.queues[index]?.ready) return null;
    if (index === this.controlIndex) return 'control';
    return index & 1 ? 'transmit' : 'receive';
  }

  override role(index: number): string {
    if (index === this.controlIndex) return 'control queue';
    if (index === this.adminQueue) return 'administration queue';
    return `${index & 1 ? 'transmit' : 'receive'} queue ${(index >> 1) + 1}`;
  }

  override notify(index: number): void {
    const queue = this.counts[index];
    if (queue !== undefined && index !== this.controlIndex) queue.basic[RX_COUNT.NOTIFICATIONS]!++;
    super.notify(index);
  }

  override queueInterrupt(index: number): void {
    this.moderation.wanted(index);
  }

  /** Sends an interrupt that was moderated. */
  interrupt(index: number): void {
    if (index !== this.controlIndex) this.counts[index]!.basic[RX_COUNT.INTERRUPTS]!++;
    super.queueInterrupt(index);
  }

  receives(pair: number): boolean {
    return this.queues[pair * 2]!.ready;
  }

  /** The first queue of the first `pairs` pairs that is not set up; -1 if all are. */
  protected missing(pairs: number): number {
    return this.queues.findIndex((queue, index) => index < pairs * 2 && !queue.ready);
  }

  receiveQueue(pair: number): Virtqueue {
    return this.queues[pair * 2]!;
  }

  /** Whether a driver is running, even if the device is suspended. */
  protected get isLive(): boolean {
    return (this.status & DRIVER_OK) !== 0 || this.suspension.asleep;
  }

  get canWait(): boolean {
    return !this.accepted.has(FEATURE.RING_RESET);
  }

  suppresses(index: number): boolean {
    return this.queues[index]!.suppressed;
  }

  /** A suspended device sends no interrupts. */
  override suspensionChanged(): void {
    if (this.suspension.asleep) this.moderation.flush();
    super.suspensionChanged();
  }

  override close(): void {
    super.close();
    this.moderation.close();
  }

  /** Without MQ and RSS the control queue is the third, however many pairs the device has. */
  protected get controlIndex(): number {
    return this.accepted.has(F.MQ) || this.accepted.has(F.RSS) ? this.pairs * 2 : 2;
  }

  /** A queue that is set up again gets the parameters set for all queues of its kind. */
  protected override queueForgotten(index: number): void {
    const kind = (index & 1) === 1 ? 'transmit' : 'receive';
    this.moderation.forget(index, this.asked.coalescing[kind]);
  }

  protected forgetQueues(): void {
    this.asked.reset();
    this.moderation.reset();
    for (const queue of this.counts) queue.reset();
  }
}
