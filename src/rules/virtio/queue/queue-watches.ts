import type { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import type { VirtioEvents } from '../../../virtio/events.ts';
import type { VirtioFacts } from '../facts.ts';
import type { OutcomeWatch } from '../init/outcome.ts';
import type { TakenChain } from './knows.ts';
import { QueueWatch } from './queue-watch.ts';

/** The watches of a device's queues. Each is told directly of every chain. */
export class QueueWatches implements Partial<VirtioEvents> {
  readonly list: readonly QueueWatch[];
  readonly lastTaken: TakenChain = { indirect: false };

  constructor(
    { queueSizes, queueName, memory, pictures, kickDecoys }: VirtioFacts,
    journal: Journal,
    outcome: OutcomeWatch,
  ) {
    this.list = queueSizes.map(
      (_, index) => new QueueWatch(() => queueName(index), journal, memory, this.lastTaken),
    );
    for (const [index, queue] of this.list.entries()) {
      pictures?.show(index, (chain) => queue.pictureOf(chain));
      queue.announce.decoys = kickDecoys === true;
    }
    journal.atEnd(() => {
      if (outcome.isLive) for (const { announce } of this.list) announce.ended();
    });
  }

  /** Chains that the driver has made available in a queue, and the device has not taken. */
  waitingIn(queue: number): number {
    return this.list[queue]?.waiting ?? 0;
  }

  kicked(queue: number): void {
    this.list[queue]?.announce.kicked();
  }

  negotiated(accepted: BitSet, legacy: boolean): void {
    for (const queue of this.list) queue.negotiated(accepted, legacy);
  }
}
