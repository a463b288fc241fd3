import type { GuestMemory } from '../../../../core/memory.ts';
import type { RingPicture } from '../../../../core/ring-picture.ts';
import { packedPicture } from './packed-picture.ts';
import { type RingFocus, RingView } from './ring-view.ts';
import { splitPicture } from './split-picture.ts';

/** Takes the picture of a ring, as it lies in RAM now. */
export function ringPicture(memory: GuestMemory, focus: RingFocus): RingPicture {
  const view = new RingView(memory, focus.place);
  return focus.place.packed ? packedPicture(view, focus) : splitPicture(view, focus);
}

/** Takes the picture of a queue, around a chain if one is given; null while the queue has no ring. */
type Photographer = (chain: number | null) => RingPicture | null;

/**
 * Pictures of the rings of one device, for findings of any watch: queues register by `show`, findings call `of`.
 *
 * @example
 * pictures.show(1, (chain) => transmit.pictureOf(chain));
 * pictures.of(1, 5);                  // around the chain from descriptor 5 on
 */
export class RingPictures {
  private readonly queues: Photographer[] = [];

  show(queue: number, by: Photographer): void {
    this.queues[queue] = by;
  }

  of(queue: number, chain: number | null = null): RingPicture | null {
    return this.queues[queue]?.(chain) ?? null;
  }
}
