import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { Watch } from '../../../core/watch.ts';
import { BLOCK_EVENTS, type BlockEvents } from '../../../virtio/block/events.ts';
import type { VirtioFacts } from '../facts.ts';
import { VirtioWatches } from '../watches.ts';

const REQUESTQ = 0;

/** Rules for a driver of the block device. */
export const BLOCK = {
  'virtio/BLK-OP-D1': {
    where: 'virtio 1.4, Block Device, Device Operation',
    text: 'A driver MUST NOT read or write beyond the capacity.',
    advice: 'Read capacity from the configuration, in sectors of 512 bytes.',
    on: 'requested',
    kept: (k) => k.sector + k.count <= k.capacity,
    said: (k) => `sectors: ${k.count} from ${k.sector} on, of ${k.capacity}`,
  },
} as const satisfies Rules<BlockWatch>;

/** Watches a driver of the block device. */
class BlockWatch implements Partial<BlockEvents> {
  readonly capacity: number;
  sector = 0;
  count = 0;
  private readonly facts: VirtioFacts;
  private readonly on;

  constructor(facts: VirtioFacts, capacity: number, journal: Journal) {
    this.facts = facts;
    this.capacity = capacity;
    this.on = new Watch(journal, BLOCK).on;
  }

  get subject(): string {
    return this.facts.queueName(REQUESTQ);
  }

  requested(sector: number, sectors: number): void {
    this.sector = sector;
    this.count = sectors;
    this.on.requested.tell(this);
  }
}

/** Judges a driver of the block device. */
export function judgeBlock(facts: VirtioFacts, capacity: number, journal: Journal): BlockEvents {
  const common = new VirtioWatches(facts, journal);
  return common.events<BlockEvents>(BLOCK_EVENTS, [...common.list, new BlockWatch(facts, capacity, journal)]);
}
