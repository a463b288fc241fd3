import type { Journal } from '../../../core/journal.ts';
import { Watch } from '../../../core/watch.ts';
import { DELIVERIES, type DeliveryKnows } from './deliveries.ts';

/**
 * Holds what a driver handed on against what came. It sees no device: who plays the other end tells.
 *
 * @example
 * new DeliveryWatch(journal).received({ subject: 'net0', oddity: 'flags', lost: null, strange: null, taken: null });
 */
export class DeliveryWatch {
  private readonly onReceived;

  constructor(journal: Journal) {
    this.onReceived = new Watch<DeliveryKnows, 'received'>(journal, DELIVERIES).at('received');
  }

  received(knows: DeliveryKnows): void {
    this.onReceived.tell(knows);
  }
}
