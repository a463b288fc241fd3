import type { Journal } from '../../../core/journal.ts';
import { Watch } from '../../../core/watch.ts';
import { LENGTHS, type LengthKnows } from './lengths.ts';

/**
 * Holds what came through against what a driver was to move. It sees no device: who plays the other end tells.
 *
 * @example
 * new LengthWatch(journal).moved({ subject: 'net0', moves: 'frames', lost: null });
 */
export class LengthWatch {
  private readonly onMoved;

  constructor(journal: Journal) {
    this.onMoved = new Watch<LengthKnows, 'moved'>(journal, LENGTHS).at('moved');
  }

  moved(knows: LengthKnows): void {
    this.onMoved.tell(knows);
  }
}
