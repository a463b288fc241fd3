import { BitSet } from '../../../core/bit-set.ts';
import type { Chain, RingFault, RingPlace } from '../../../virtio/queue/events.ts';
import { FEATURE } from '../../../virtio/registers.ts';
import { type Script, scripts } from '../../script.proof.ts';
import { QueueWatch } from './queue-watch.ts';
import type { RINGS } from './rings.ts';

const { EVENT_IDX, INDIRECT_DESC, IN_ORDER, ACCESS_PLATFORM } = FEATURE;
const SPLIT: RingPlace = {
  packed: false,
  endian: 'le',
  size: 8,
  desc: 0x1000,
  driver: 0x1080,
  device: 0x2000,
};
const PACKED: RingPlace = { ...SPLIT, packed: true };

/** A chain: how many buffers, how many bytes for the device to write, whether by a table. */
type Shape = readonly [count: number, writableBytes: number, indirect: boolean];

const ONE: Shape = [1, 0, false];
const LIST: Shape = [2, 0, false];
const MIXED: Shape = [2, 16, false];
const TABLE: Shape = [1, 0, true];
const TABLE_OF_TWO: Shape = [2, 0, true];

/** A ring with a fault, and its twin, in which `good` chains are taken instead. */
function ring(
  place: RingPlace,
  fault: RingFault,
  good: readonly Shape[],
  features: readonly number[] = [],
): Script<QueueWatch> {
  const start = (watch: QueueWatch) => {
    watch.negotiated(BitSet.of(features));
    watch.placed(0, place);
  };
  return {
    breaks: (watch) => {
      start(watch);
      watch.fault(0, fault, 1, 2, 3);
    },
    keeps: (watch) => {
      start(watch);
      for (const [count, writableBytes, indirect] of good)
        watch.taken(0, { count, writableBytes } as Chain, indirect);
      watch.dry(0, 0, 0);
    },
  };
}

/** Flags that the driver had when its ring ran dry. */
function flags(
  place: RingPlace,
  bad: number,
  good: number,
  features: readonly number[] = [],
): Script<QueueWatch> {
  const play = (value: number) => (watch: QueueWatch) => {
    watch.negotiated(BitSet.of(features));
    watch.placed(0, place);
    watch.dry(0, value, 0);
  };
  return { breaks: play(bad), keeps: play(good) };
}

/** Clauses that need no memory: where else a ring may be is searched for in RAM. */
type OfFaults = Exclude<keyof typeof RINGS, 'virtio/VQ-SPLIT-LEG-D3' | 'virtio/VQ-IMP-33'>;

export const RING_PROOFS = scripts<QueueWatch, OfFaults>(
  (journal) => new QueueWatch(() => 'queue', journal),
  {
    'virtio/RFEAT-D3': ring(SPLIT, 'buffer outside', [ONE], [ACCESS_PLATFORM, INDIRECT_DESC]),
    'virtio/RFEAT-D4': ring(PACKED, 'table outside', [TABLE], [INDIRECT_DESC]),
    'virtio/VQ-IMP-13': ring(SPLIT, 'table length', [TABLE], [INDIRECT_DESC]),
    'virtio/VQ-IMP-21': ring(SPLIT, 'buffer empty', [ONE]),
    'virtio/VQ-IMP-31': ring(SPLIT, 'flags unknown', [ONE]),
    'virtio/VQ-IND-D3': ring(SPLIT, 'chain too long', [TABLE], [INDIRECT_DESC]),
    'virtio/VQ-AVSUP-D1': ring(SPLIT, 'used flags', []),
    'virtio/VQ-AVAIL-D1': ring(SPLIT, 'index ahead', [ONE]),
    'virtio/VQ-SPLIT-LEG-D4': ring({ ...SPLIT, endian: 'be' }, 'index swapped', [ONE]),
    'virtio/VQ-IMP-3': ring(SPLIT, 'next beyond', [ONE]),
    'virtio/VQ-IMP-4': ring(SPLIT, 'head in flight', [ONE, ONE]),
    'virtio/VQ-DESC-D1': ring(SPLIT, 'chain endless', [LIST]),
    'virtio/VQ-FRAME-D1': ring(SPLIT, 'buffer misplaced', [MIXED]),
    'virtio/VQ-USEDSUP-D1': flags(SPLIT, 2, 1),
    'virtio/VQ-USEDSUP-D2': flags(SPLIT, 1, 0, [EVENT_IDX]),
    'virtio/VQ-IND-D1': ring(SPLIT, 'table unasked', [ONE]),
    'virtio/VQ-IND-D2': ring(SPLIT, 'table nested', [TABLE], [INDIRECT_DESC]),
    'virtio/VQ-IND-D4': ring(SPLIT, 'table with next', [TABLE], [INDIRECT_DESC]),
    'virtio/VQ-IND-D5': ring(SPLIT, 'table next astray', [TABLE_OF_TWO], [INDIRECT_DESC, IN_ORDER]),
    'virtio/VQ-DESC-D2': ring(SPLIT, 'next astray', [LIST], [IN_ORDER]),
    'virtio/VQ-PACKED-D1': ring(PACKED, 'ring unaligned', []),
    'virtio/PACKED-SG-D2': ring(PACKED, 'list too long', [LIST]),
    'virtio/PACKED-SG-D3': ring(PACKED, 'buffer misplaced', [MIXED]),
    'virtio/PACKED-SG-D6': ring(PACKED, 'list unfinished', [LIST]),
    'virtio/PACKED-IND-D1': ring(PACKED, 'table unasked', [ONE]),
    'virtio/PACKED-IND-D2': ring(PACKED, 'table flags', [TABLE], [INDIRECT_DESC]),
    'virtio/PACKED-IND-D4': ring(PACKED, 'table in list', [TABLE], [INDIRECT_DESC]),
    'virtio/PACKED-IMP-8': ring(PACKED, 'id in flight', [ONE, ONE]),
    'virtio/PACKED-IMP-11': flags(PACKED, 4, 2, [EVENT_IDX]),
  },
);
