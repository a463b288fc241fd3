import { compose, type EventTable } from '../../core/compose.ts';
import type { Journal } from '../../core/journal.ts';
import { VIRTIO_EVENTS, type VirtioEvents } from '../../virtio/events.ts';
import { QUEUE_EVENTS, type QueueEvents } from '../../virtio/queue/events.ts';
import type { VirtioFacts } from './facts.ts';
import { InitWatch } from './init/init-watch.ts';
import { ModernInitWatch } from './init/modern-init.ts';
import { OutcomeWatch } from './init/outcome.ts';
import { StopWatch } from './init/suspects.ts';
import { SuspendWatch } from './init/suspend.ts';
import { QueueWatches } from './queue/queue-watches.ts';
import { LentQueues } from './stores/lent-queues.ts';
import { InterfaceWatch } from './transport/interfaces.ts';
import { IsrWatch } from './transport/isr.ts';
import { KickWatch } from './transport/kick.ts';
import { LayoutWatch } from './transport/layout.ts';
import { QueueSetupWatch } from './transport/queue-setup-watch.ts';
import { VectorWatch } from './transport/vectors.ts';

/** The watches of a driver that all types of virtio devices have; those of one type are told what these know. */
export class VirtioWatches {
  readonly init: InitWatch;
  readonly outcome: OutcomeWatch;
  readonly queues: QueueWatches;
  readonly vectors: VectorWatch;
  readonly facts: VirtioFacts;
  /** Those that see memory; none where it is not seen. */
  private readonly stores;
  /** All of them, in the order in which they are told. A new one is added here, or to those of its device type. */
  readonly list;

  constructor(facts: VirtioFacts, journal: Journal) {
    this.facts = facts;
    const setup = new QueueSetupWatch(facts, journal);
    const init = new InitWatch(facts, journal, setup);
    const interfaces = new InterfaceWatch(facts, journal, init);
    this.init = init;
    this.outcome = new OutcomeWatch(facts, journal, init);
    this.queues = new QueueWatches(facts, journal, this.outcome);
    this.stores =
      facts.stores === undefined
        ? []
        : [facts.stores, new LentQueues(facts, facts.stores.allocations, journal)];
    const vectors = new VectorWatch(facts, journal, setup);
    this.vectors = vectors;
    const isr = new IsrWatch(facts, journal);
    if (facts.stores !== undefined) facts.stores.isServed = (queue) => vectors.serves(queue);
    const suspend = new SuspendWatch(facts, journal, (queue) => this.queues.list[queue]!.availability);
    this.list = [
      this.outcome,
      this.queues,
      // Before those whose rules it counts kicks for.
      new KickWatch(facts, journal, { init, interfaces, setup, suspend }),
      new LayoutWatch(facts, journal),
      interfaces,
      suspend,
      new ModernInitWatch(facts, journal, init, setup),
      setup,
      this.vectors,
      isr,
      init,
      new StopWatch(facts, journal, {
        init,
        outcome: this.outcome,
        setup,
        queues: this.queues,
        vectors,
        isr,
      }),
      ...this.stores,
    ];
  }

  /** One object for a device of that type to tell its events: `watches` are these and its own. */
  events<Events extends VirtioEvents>(
    table: EventTable<Events>,
    watches: readonly Partial<Events>[],
  ): Events {
    const { stores } = this;
    const rings = this.queues.list.map((queue) =>
      stores.length === 0 ? queue : compose<QueueEvents>(QUEUE_EVENTS, [queue, ...stores]),
    );
    return Object.assign(compose(table, watches), { rings }) as unknown as Events;
  }
}

/**
 * Judges a driver of one virtio device by the rules that all types have in common.
 *
 * @example
 * device.watchedBy(judgeVirtio(facts, journal));
 */
export function judgeVirtio(facts: VirtioFacts, journal: Journal): VirtioEvents {
  const common = new VirtioWatches(facts, journal);
  return common.events<VirtioEvents>(VIRTIO_EVENTS, common.list);
}
