import { BitSet } from '../../../core/bit-set.ts';
import type { Journal } from '../../../core/journal.ts';
import { GuestMemory } from '../../../core/memory.ts';
import type { Chain, RingPlace } from '../../../virtio/queue/events.ts';
import { legacyQueueLayout } from '../../../virtio/registers.ts';
import { scripts } from '../../script.proof.ts';
import { QueueWatch } from './queue-watch.ts';

const DESC = 0x1000;
const [SIZE, FEWER] = [64, 16];
const INTO_PAGE = 0x40;
const { avail, used } = legacyQueueLayout(SIZE);
const PLACE: RingPlace = {
  packed: false,
  endian: 'le',
  size: SIZE,
  desc: DESC,
  driver: DESC + avail,
  device: DESC + used,
};

/** A ring in RAM, with one buffer available in the layout of a ring of `size` entries. */
class OfferedRing {
  readonly watch: QueueWatch;
  private readonly memory = GuestMemory.of(0x4000);

  constructor(journal: Journal) {
    this.watch = new QueueWatch(() => 'queue', journal, this.memory);
    this.watch.negotiated(BitSet.of([]), true);
    this.watch.placed(0, PLACE);
  }

  offer(size: number, desc = DESC): void {
    const { bytes, base } = this.memory.find(desc, legacyQueueLayout(size).bytes)!;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    // desc[0].len, and avail.idx.
    view.setUint32(desc - base + 8, 60, true);
    view.setUint16(desc - base + legacyQueueLayout(size).avail + 2, 1, true);
  }
}

export const SMALLER_LAYOUT_PROOFS = scripts<OfferedRing, 'virtio/VQ-SPLIT-LEG-D3' | 'virtio/VQ-IMP-33'>(
  (journal) => new OfferedRing(journal),
  {
    'virtio/VQ-IMP-33': {
      breaks: (ring) => {
        ring.offer(SIZE, DESC + INTO_PAGE);
        ring.watch.announce.kicked();
        ring.watch.dry(0, 0, 0);
      },
      keeps: (ring) => {
        ring.offer(SIZE);
        ring.watch.announce.kicked();
        ring.watch.taken(0, { count: 1, writableBytes: 0 } as Chain, false);
        ring.watch.dry(0, 0, 1);
      },
    },
    'virtio/VQ-SPLIT-LEG-D3': {
      breaks: (ring) => {
        ring.offer(FEWER);
        ring.watch.dry(0, 0, 0);
      },
      keeps: (ring) => {
        ring.offer(SIZE);
        ring.watch.taken(0, { count: 1, writableBytes: 0 } as Chain, false);
        ring.watch.dry(0, 0, 1);
      },
    },
  },
);
