import type { ClauseId } from '../../core/clause.ts';
import type { Random } from '../../core/random.ts';
import { VIRTIO_ID } from '../registers.ts';

/** A feature that is offered though it means nothing, and the clause that a driver breaks by taking it. */
export interface Bait {
  readonly bit: number;
  readonly clause: ClauseId;
}

/** In the range of queues and negotiation (24 to 43), and no section describes them. */
const UNDESCRIBED = [25, 26, 31];
const RESERVED = span(44, 49);
/** Of the upper range of device types; the lower one would tempt legacy drivers twice. */
const TYPE_BITS = span(50, 63);
/** What the network device does not define of it. */
const NOT_NET = [58];

/** One bait of each kind: the first is there for legacy drivers too. */
export function pickBaits(random: Random, virtioId: number): readonly Bait[] {
  const one = (bits: readonly number[]) => bits[random.below(bits.length)]!;
  return [
    { bit: one(UNDESCRIBED), clause: 'virtio/FEAT-D5' },
    { bit: one(RESERVED), clause: 'virtio/FEAT-D6' },
    { bit: one(virtioId === VIRTIO_ID.net ? NOT_NET : TYPE_BITS), clause: 'virtio/FEAT-D8' },
  ];
}

function span(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
