import type { Journal } from '../../../core/journal.ts';
import type { Rules } from '../../../core/rule.ts';
import { type Knows, Watch } from '../../../core/watch.ts';

/** The result of a transfer in which a legacy device wrote meaningless used lengths. */
export interface LengthKnows extends Knows {
  readonly moves: 'frames' | 'blocks';
  /** What was lost, as text: `3 of 24 frames`. */
  readonly lost: string | null;
}

const ADVICE = 'Use only the id of a used entry with the legacy interface: the length may be anything.';

/** Rules on drivers that use the lengths in used entries. Judged only if something came through. */
export const LENGTHS = {
  'virtio/NET-OP-LEG-D2': {
    where: 'virtio 1.4, Network Device, Legacy Interface: Device Operation',
    text: 'A driver of the legacy interface SHOULD ignore the used length on transmit and control queues.',
    advice: ADVICE,
    on: 'moved',
    when: (k) => k.moves === 'frames',
    kept: (k) => k.lost === null,
    said: (k) => `${k.lost} did not go out, while one used entry in two had a length that means nothing`,
  },
  'virtio/SCSI-OP-LEG-D1': {
    where: 'virtio 1.4, SCSI Host Device, Legacy Interface: Device Operation',
    text: 'A driver of the legacy interface SHOULD ignore used lengths of SCSI requests.',
    advice: ADVICE,
    on: 'moved',
    when: (k) => k.moves === 'blocks',
    kept: (k) => k.lost === null,
    said: (k) =>
      `${k.lost} were not read as they were written, while one used entry in two had a length that means nothing`,
  },
} as const satisfies Rules<LengthKnows, 'moved'>;

/**
 * Compares what came through with what a driver was to move. It sees no device: the peer calls it.
 *
 * @example
 * new LengthWatch(journal).moved({ subject: 'net0', moves: 'frames', lost: null });
 */
export class LengthWatch {
  private readonly on;

  constructor(journal: Journal) {
    this.on = new Watch(journal, LENGTHS).on;
  }

  moved(knows: LengthKnows): void {
    this.on.moved.tell(knows);
  }
}
